import Benchmarks
import Domain
import Glibc
import HTTPServer
import SQL
import SQLite
import Store

/// Codes checked and users read for an application, over 64 connections, among two million accounts.
enum Applications {
    private static let requests = 64 * 80
    /// With a secret; each is checked once.
    private static let active = rounds * requests
    private static let others = 2_000_000 - active
    private static let rounds = 5

    static let benchmark = Benchmark(
        Line(
            "applications",
            "Codes checked for an application among 2,000,000 accounts, each on the disk before its answer, "
                + "over SQLite alone with one INSERT a transaction into Pulih's job table; users read, over libmicrohttpd alone.",
            target: "codes at least 1", seconds: 60, needs: [.program]), run)

    static func run(_ run: Run) throws {
        run.say("adds 2,000,000 accounts")
        let installation = try Installation(run.folder, accounts: active)
        try addOthers(to: installation)
        let headers = "Host: localhost\r\nAuthorization: Bearer \(try installation.addKey())\r\n"
        let portal = try installation.start("portal")
        defer { portal.stop() }
        try portal.answers(on: installation.apiPort)

        var waits: [Double] = []
        try run.compare(
            [
                Measure(
                    "applications, codes checked", "/s", "Pulih, 64 clients", over: Acceptance.insertsAlone, .atLeast(1)
                )
            ], rounds: rounds
        ) { round in
            let code = try code()
            let first = (round - 1) * requests + 1
            let checks = (first..<first + requests).map { number in
                LoopbackClient.request(
                    "POST", "/v1/users/user\(number)/verify", headers: headers, body: #"{"code":"\#(code)"}"#)
            }
            let rate = try LoopbackLoad.drive(installation.apiPort, checks, into: &waits, expecting: "accepted")
            let own = run.folder.fresh("own.db")
            try Database(path: own, clock: BenchClock()).close()
            return [(rate, try Acceptance.insertsAlone(own))]
        }
        run.tell("a code", waits: waits)

        // Sized like the answer that it is compared with.
        guard let bare = BareServer(threads: 2, answering: String(repeating: "x", count: 220)) else {
            throw BenchFailure("libmicrohttpd cannot listen")
        }
        let reads = (1...requests).map { LoopbackClient.request("GET", "/v1/users/user\($0)", headers: headers) }
        func read(at port: Int) throws -> Double {
            var ignored: [Double] = []
            return try LoopbackLoad.drive(port, reads, into: &ignored, expecting: "HTTP/1.1 200")
        }
        try run.compare(Measure("applications, users read", "/s", "Pulih, 64 clients", over: "libmicrohttpd alone")) {
            try read(at: installation.apiPort)
        } over: {
            try read(at: bare.port)
        }
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
}
