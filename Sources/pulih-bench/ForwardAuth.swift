import Benchmarks
import Cryptography
import Domain
import Glibc
import HTTPServer
import SQL
import SQLite

/// Whether a request may enter an application, asked over 64 connections, among a million logins.
enum ForwardAuth {
    private static let accounts = 10_000
    /// Of which a request comes with, one after the other.
    private static let active = 10_000
    private static let requests = 64 * 1000

    static let benchmark = Benchmark(
        Line(
            "forward",
            "A proxy asks who may enter an application, 64 clients, 1,000,000 logins, over libmicrohttpd "
                + "alone and over 10,000 logins.",
            target: "at least 0.5 and 0.9", seconds: 60, needs: [.program]), run)

    static func run(_ run: Run) throws {
        run.say("adds 1,000,000 logins")
        let many = try Site(run.folder, logins: 1_000_000)
        defer { many.stop() }
        let few = try Site(run.folder, logins: active)
        defer { few.stop() }
        guard let bare = BareServer(threads: 2, answering: "") else {
            throw BenchFailure("libmicrohttpd cannot listen")
        }
        var (waits, ignored): ([Double], [Double]) = ([], [])
        // The minute's one note of each session that it is in use.
        for site in [few, many] { _ = try site.drive(site.port, into: &ignored) }
        try run.compare(
            Measure(
                "forward, who may enter", "/s", "Pulih among 1,000,000 logins", over: "libmicrohttpd alone",
                .atLeast(0.5)),
            rounds: 7
        ) {
            try many.drive(many.port, into: &waits)
        } over: {
            try many.drive(bare.port, into: &ignored)
        }
        run.tell("an answer", waits: waits)
        try run.compare(
            Measure("forward, flat", "/s", "among 1,000,000 logins", over: "among 10,000", .atLeast(0.9)), rounds: 7
        ) {
            try many.drive(many.port, into: &ignored)
        } over: {
            try few.drive(few.port, into: &ignored)
        }
    }

    /// A portal with so many logins at an application.
    private struct Site {
        let port: Int
        private let portal: Child
        private let questions: [[UInt8]]

        init(_ folder: WorkFolder, logins: Int) throws {
            let installation = try Installation(folder, accounts: accounts)
            self.port = installation.portalPort
            let tokens = (0..<logins).map(Site.token)
            try Site.insert(tokens, into: installation)
            portal = try installation.startPortal()
            // Spread over all of the table.
            questions = (0..<active).map { Site.question(Base64URL.encode(tokens[$0 * (logins / active)])) }
        }

        func stop() { portal.stop() }

        func drive(_ port: Int, into waits: inout [Double]) throws -> Double {
            let order = (0..<requests).map { questions[$0 * 7919 % questions.count] }
            return try LoopbackLoad.drive(port, order, into: &waits, expecting: "HTTP/1.1 200")
        }

        private static func question(_ cookie: String) -> [UInt8] {
            let headers =
                "Host: bench.example.org\r\nAccept: text/html\r\nX-Forwarded-Uri: /\r\nX-Forwarded-Method: GET\r\n"
                + "Cookie: __Host-pulih-application=\(cookie)\r\n"
            return LoopbackClient.request("GET", "/.pulih/verify", headers: headers)
        }

        private static func token(_ number: Int) -> [UInt8] {
            Digest.sha256(withUnsafeBytes(of: number) { Array($0) })
        }

        private static func insert(_ tokens: [[UInt8]], into installation: Installation) throws {
            let connection = try SQLiteConnection(path: installation.database, role: .writer)
            let now = Value.integer(BenchClock().now().milliseconds)
            try connection.transaction {
                for (number, token) in tokens.enumerated() {
                    let digest = Value.blob(Digest.sha256(token))
                    try connection.run(
                        """
                        INSERT INTO session
                            (id, digest, account, factor, started_at, created_at, seen_at, address, browser, public_id)
                        VALUES ($1, $2, $3, 'totp', $4, $4, $4, '192.0.2.7', 'bench', 'x')
                        """, [.integer(Int64(number + 1)), digest, .integer(Int64(number % accounts + 1)), now])
                    try connection.run(
                        """
                        INSERT INTO application_session (digest, session, application, host, created_at)
                        VALUES ($1, $2, 'bench', 'bench.example.org', $3)
                        """, [digest, .integer(Int64(number + 1)), now])
                }
            }
        }
    }
}
