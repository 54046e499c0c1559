import Benchmarks
import Cryptography
import Domain
import Glibc
import HTTPServer
import SQL
import SQLite
import Threading

/// Codes traded for tokens over 64 connections, each on the disk before its answer, against nothing but the RS256
/// signature that each of them needs: trades a second, and the CPU of the portal's process a trade. Beside it the same with
/// ES256, whose signature costs little: what the rate gains by that is what the signature took.
enum TokenEndpoint {
    private static let requests = 64 * 30
    private static let accounts = 1000
    /// The pair of RFC 7636, appendix B.
    private static let verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
    private static let challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"

    static let benchmark = Benchmark(
        Line(
            "token-endpoint",
            "Codes traded for tokens, 64 clients, each on the disk before its answer, over the RS256 signatures alone; "
                + "CPU of the portal a trade over a signature's; the same with ES256 over RS256.",
            seconds: 25, needs: [.program]), run)

    static func run(_ run: Run) throws {
        let installation = try Installation(run.folder, accounts: accounts)
        let portal = try installation.startPortal()
        defer { portal.stop() }
        var (waits, load): ([Double], [Double]) = ([], [])
        let signer = BareSigner(.rsa)
        let measures = [
            Measure(
                "token-endpoint, codes traded", "/s", "Pulih, 64 clients", over: "OpenSSL alone, RS256, all cores"),
            Measure("token-endpoint, CPU a trade", "us", "Pulih's portal", over: "OpenSSL alone, RS256"),
            Measure("token-endpoint, another signature", "/s", "Pulih, 64 clients, ES256", over: "the same, RS256"),
            Measure(
                "token-endpoint without a check", "/s", "signature and rows alone, beside libmicrohttpd alone",
                over: "OpenSSL alone, RS256, all cores"),
        ]
        guard let server = BareServer(threads: cores, answering: "") else {
            throw BenchFailure("libmicrohttpd cannot listen")
        }
        func drive(_ trades: [[UInt8]], _ waits: inout [Double]) throws -> Double {
            try LoopbackLoad.drive(installation.portalPort, trades, into: &waits, expecting: "id_token")
        }
        try run.compare(measures) { round in
            let first = (round - 1) * requests * 3
            // A code lives for a minute, so each round has its own.
            try addCodes(from: first, for: "bench", to: installation)
            try addCodes(from: first + requests, for: "bench-es256", to: installation)
            let (codes, others) = (
                trades(from: first, for: "bench"), trades(from: first + requests, for: "bench-es256")
            )
            let before = (portal: portal.processorTime, load: threadTime())
            let rate = try drive(codes, &waits)
            let spent = (portal.processorTime - before.portal) / Double(requests) * 1e6
            load.append((threadTime() - before.load) / Double(requests) * 1e6)
            let bare = signatures(signer)
            var ignored: [Double] = []
            let quick = try drive(others, &ignored)
            try addCodes(from: first + requests * 2, for: "bench", to: installation)
            let least = try rowsAlone(from: first + requests * 2, of: installation, beside: signer, server)
            return [(rate, bare.rate), (spent, bare.cost * 1e6), (quick, rate), (least, bare.rate)]
        }
        run.tell("a trade", waits: waits)
        run.tell("CPU a trade of the clients themselves", percentile(load, 0.5), "us")
    }

    /// The requests that trade the codes from this number on.
    private static func trades(from first: Int, for application: String) -> [[UInt8]] {
        (first..<first + requests).map { number in
            let fields = [
                "grant_type=authorization_code", "client_id=\(application)", "code_verifier=\(verifier)",
                "redirect_uri=\(PercentEncoding.encode(Installation.redirectURI))",
                "code=\(Base64URL.encode(code(number)))",
            ]
            return LoopbackClient.request(
                "POST", "/oauth2/token", headers: "Host: localhost\r\n", body: fields.joined(separator: "&"),
                type: "application/x-www-form-urlencoded")
        }
    }

    /// - Returns: signatures a second, and seconds of a CPU for one.
    private static func signatures(_ signer: BareSigner) -> (rate: Double, cost: Double) {
        let bytes = [UInt8](repeating: 7, count: 600)
        let (count, before) = (requests / cores * cores, processTime(getpid()))
        let time = seconds {
            let all = (0..<cores).map { number in
                Thread(name: "signer-\(number)") { for _ in 0..<count / cores { signer.sign(bytes) } }
            }
            for thread in all { thread.join() }
        }
        return (Double(count) / time, (processTime(getpid()) - before) / Double(count))
    }

    /// A signature, an empty answer and the rows of a trade, 16 trades to a commit, and no check of anything.
    private static func rowsAlone(
        from first: Int, of installation: Installation, beside signer: BareSigner, _ server: BareServer
    ) throws -> Double {
        let questions = LoopbackClient.plainRequests(requests)
        var waits: [Double] = []
        return try RowsAlone.measure(requests) { [path = installation.database] in
            let connection = try SQLiteConnection(path: path, role: .writer)
            for start in stride(from: first, to: first + requests, by: 16) {
                try connection.transaction {
                    for number in start..<start + 16 { try spend(number, connection) }
                }
            }
        } beside: {
            let signing = Thread(name: "signing") { _ = signatures(signer) }
            defer { signing.join() }
            _ = try LoopbackLoad.drive(server.port, questions, into: &waits, expecting: "HTTP/1.1 200")
        }.rate
    }

    private static func spend(_ number: Int, _ connection: SQLiteConnection) throws {
        let now = Value.integer(BenchClock().now().milliseconds)
        let grant = try connection.first(
            "UPDATE openid_grant SET code_used_at = $1 WHERE code = $2 RETURNING id",
            [now, .blob(Digest.sha256(code(number)))]
        ) { $0.integer(0) }
        for (kind, digest) in zip(["access", "refresh"], [code(number), code(-number)]) {
            try connection.run(
                "INSERT INTO openid_token (digest, grant_id, kind, expires_at) VALUES ($1, $2, $3, $4)",
                [.blob(digest), .integer(grant ?? 0), .text(kind), now])
        }
    }

    private static func code(_ number: Int) -> [UInt8] { Digest.sha256(withUnsafeBytes(of: number) { Array($0) }) }

    /// As the portal gives them to people who are logged in.
    private static func addCodes(from first: Int, for application: String, to installation: Installation) throws {
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
                    VALUES ($1, $7, 'openid profile email', 'totp', $2, $3, $4, $5, $6, 0)
                    """,
                    [
                        .integer(session ?? 0), .integer(now), .text(Installation.redirectURI), .text(challenge),
                        digest, .integer(now + 60_000), .text(application),
                    ])
            }
        }
    }
}
