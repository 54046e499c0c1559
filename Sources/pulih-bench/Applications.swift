import Domain
import Glibc
import HTTPServer
import SQL
import SQLite

/// Codes checked and users read for an application, over 64 connections, among two million accounts.
enum Applications {
    private static let requests = 64 * 80
    /// With a secret; each is checked once.
    private static let active = 100_000
    private static let others = 1_900_000
    private static let rounds = 5

    static func run(_ folder: WorkFolder) throws {
        let installation = try Installation(folder, relayPort: Sink.port(), lanes: 1, accounts: active)
        try addOthers(to: installation)
        let headers = "Host: localhost\r\nAuthorization: Bearer \(try installation.addKey())\r\n"
        let portal = try installation.start("portal", log: folder.fresh("portal"))
        defer { portal.stop() }
        try portal.answers(on: installation.apiPort)

        var waits: [Double] = []
        var first = 1
        try compare(
            "applications", unit: "/s", rounds: rounds,
            (
                "codes checked",
                {
                    defer { first += requests }
                    let begin = first
                    let code = try code()
                    return try LoopbackLoad.drive(installation.apiPort, requests, into: &waits, expecting: "accepted") {
                        client, number in
                        try client.begin(
                            "POST", "/v1/users/user\(begin + number)/verify", headers: headers,
                            body: #"{"code":"\#(code)"}"#)
                    }
                }
            ), ("one INSERT a transaction", { try Acceptance.insertsAlone(folder.fresh("alone.db")) }))
        printLine("applications: a code p50 \(milliseconds(waits, 0.5)) ms, p99 \(milliseconds(waits, 0.99)) ms")

        // Sized like the answer that it is compared with.
        guard let bare = BareServer(threads: 2, answering: String(repeating: "x", count: 220)) else {
            throw BenchFailure("libmicrohttpd cannot listen")
        }
        var ignored: [Double] = []
        try compare(
            "applications", unit: "/s", rounds: rounds,
            (
                "users read",
                {
                    try LoopbackLoad.drive(
                        installation.apiPort, requests, into: &ignored, expecting: "HTTP/1.1 200"
                    ) { client, number in
                        try client.begin("GET", "/v1/users/user\(1 + number)", headers: headers)
                    }
                }
            ),
            (
                "libmicrohttpd alone",
                {
                    try LoopbackLoad.drive(
                        bare.port, requests, into: &ignored, expecting: "HTTP/1.1 200"
                    ) { client, _ in
                        try client.begin("GET", "/v1/users/user1", headers: headers)
                    }
                }
            ))
    }

    /// Accounts without TOTP, so that every look-up goes as deep as with two million.
    private static func addOthers(to installation: Installation) throws {
        let connection = try SQLiteConnection(path: installation.database, role: .writer)
        try connection.transaction {
            _ = try connection.run(
                """
                WITH RECURSIVE number (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM number WHERE n < $1)
                INSERT INTO account (user_id, user_type, email, language, created_at)
                SELECT 'other' || n, 'penyedia', 'other' || n || '@example.org', 'id', 1 FROM number
                """, [.integer(others)])
        }
    }

    /// The right code of every account now; a fresh step is waited for when this one ends soon.
    private static func code() throws -> String {
        while BenchClock().now().milliseconds % 30_000 > 20_000 { usleep(100_000) }
        let (secret, now) = (
            try TOTPSecret(imported: "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"), BenchClock().now().milliseconds
        )
        return TOTP.code(secret: secret, parameters: .standard, step: TOTP.step(at: now, period: 30))
    }

    private static func milliseconds(_ waits: [Double], _ part: Double) -> String {
        hundredths(percentile(waits, part) * 1000)
    }
}
