import Cryptography
import Domain
import Glibc
import SQL
import SQLite
import Threading

/// Codes traded for tokens over 64 connections, each on the disk before its answer, against nothing but the RS256 signature
/// that each of them needs.
enum TokenEndpoint {
    private static let requests = 64 * 40
    private static let rounds = 5
    private static let accounts = 1000
    /// The pair of RFC 7636, appendix B.
    private static let verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
    private static let challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"

    static func run(_ folder: WorkFolder) throws {
        let installation = try Installation(folder, relayPort: Sink.port(), lanes: 1, accounts: accounts)
        let portal = try installation.start("portal", log: folder.fresh("portal"))
        defer { portal.stop() }
        try portal.answers(on: installation.portalPort)
        var (waits, first): ([Double], Int) = ([], 0)
        let signer = BareSigner(.rsa)
        try compare(
            "token-endpoint", unit: "/s", rounds: rounds,
            (
                "codes traded",
                {
                    // A code lives for a minute, so each round has its own.
                    try addCodes(from: first, to: installation)
                    defer { first += requests }
                    return try trade(from: first, at: installation.portalPort, into: &waits)
                }
            ), ("RS256 signatures by OpenSSL alone", { signatures(signer) }))
        printLine(
            "token-endpoint: p50 \(hundredths(percentile(waits, 0.5) * 1000)) ms, "
                + "p99 \(hundredths(percentile(waits, 0.99) * 1000)) ms")
    }

    private static func trade(from first: Int, at port: Int, into waits: inout [Double]) throws -> Double {
        try LoopbackLoad.drive(port, requests, into: &waits, expecting: "id_token") { client, number in
            let fields = [
                "grant_type=authorization_code", "client_id=bench", "code_verifier=\(verifier)",
                "redirect_uri=\(PercentEncoding.encode(Installation.redirectURI))",
                "code=\(Base64URL.encode(code(first + number)))",
            ]
            try client.begin(
                "POST", "/oauth2/token", headers: "Host: localhost\r\n", body: fields.joined(separator: "&"),
                type: "application/x-www-form-urlencoded")
        }
    }

    private static func signatures(_ signer: BareSigner) -> Double {
        let bytes = [UInt8](repeating: 7, count: 600)
        let cores = Int(sysconf(Int32(_SC_NPROCESSORS_ONLN)))
        let time = seconds {
            let all = (0..<cores).map { number in
                Thread(name: "signer-\(number)") { for _ in 0..<requests / cores { signer.sign(bytes) } }
            }
            for thread in all { thread.join() }
        }
        return Double(requests) / time
    }

    private static func code(_ number: Int) -> [UInt8] { Digest.sha256(withUnsafeBytes(of: number) { Array($0) }) }

    /// As the portal gives them to people who are logged in.
    private static func addCodes(from first: Int, to installation: Installation) throws {
        let connection = try SQLiteConnection(path: installation.database, role: .writer)
        let now = BenchClock().now().milliseconds
        try connection.transaction {
            try connection.run(
                "INSERT OR IGNORE INTO subject (account, subject) SELECT id, 'subject' || id FROM account")
            for number in first..<first + requests {
                let digest = Value.blob(Digest.sha256(code(number)))
                let session = try connection.first(
                    """
                    INSERT INTO session
                        (digest, account, factor, started_at, created_at, seen_at, address, browser, public_id)
                    VALUES ($1, $2, 'totp', $3, $3, $3, '192.0.2.7', 'bench', 'x') RETURNING id
                    """, [digest, .integer(Int64(number % accounts + 1)), .integer(now)]
                ) { $0.integer(0) }
                try connection.run(
                    """
                    INSERT INTO openid_grant
                        (session, application, scopes, factor, authenticated_at, redirect_uri, challenge, code,
                        code_expires_at, tells_logout)
                    VALUES ($1, 'bench', 'openid profile email', 'totp', $2, $3, $4, $5, $6, 0)
                    """,
                    [
                        .integer(session ?? 0), .integer(now), .text(Installation.redirectURI), .text(challenge),
                        digest, .integer(now + 60_000),
                    ])
            }
        }
    }
}
