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
    private static let rounds = 7

    static func run(_ folder: WorkFolder) throws {
        let many = try Site(folder, port: Sink.port(), logins: 1_000_000)
        defer { many.stop() }
        let few = try Site(folder, port: Sink.port() + 10, logins: active)
        defer { few.stop() }
        guard let bare = BareServer(threads: 2, answering: "") else {
            throw BenchFailure("libmicrohttpd cannot listen")
        }
        var (waits, ignored): ([Double], [Double]) = ([], [])
        // The minute's one note of each session that it is in use.
        for site in [few, many] { _ = try site.drive(site.port, into: &ignored) }
        try compare(
            "forward", unit: "/s", rounds: rounds,
            ("asked among 1,000,000 logins", { try many.drive(many.port, into: &waits) }),
            ("libmicrohttpd alone", { try many.drive(bare.port, into: &ignored) }))
        printLine("forward: an answer p50 \(milliseconds(waits, 0.5)) ms, p99 \(milliseconds(waits, 0.99)) ms")
        try compare(
            "forward", unit: "/s", rounds: rounds,
            ("among 1,000,000 logins", { try many.drive(many.port, into: &ignored) }),
            ("among 10,000", { try few.drive(few.port, into: &ignored) }))
    }

    private static func milliseconds(_ waits: [Double], _ part: Double) -> String {
        hundredths(percentile(waits, part) * 1000)
    }

    /// A portal with so many logins at an application.
    private struct Site {
        let port: Int
        private let portal: Child
        private let cookies: [String]

        init(_ folder: WorkFolder, port: Int, logins: Int) throws {
            let installation = try Installation(folder, relayPort: port, lanes: 1, accounts: accounts)
            self.port = installation.portalPort
            let tokens = (0..<logins).map(Site.token)
            try Site.insert(tokens, into: installation)
            portal = try installation.start("portal", log: folder.fresh("portal"))
            try portal.answers(on: installation.portalPort)
            // Spread over all of the table.
            cookies = (0..<active).map { Base64URL.encode(tokens[$0 * (logins / active)]) }
        }

        func stop() { portal.stop() }

        func drive(_ port: Int, into waits: inout [Double]) throws -> Double {
            try LoopbackLoad.drive(port, requests, into: &waits, expecting: "HTTP/1.1 200") { client, number in
                let cookie = cookies[number * 7919 % cookies.count]
                let headers =
                    "Host: bench.example.org\r\nAccept: text/html\r\nX-Forwarded-Uri: /\r\nX-Forwarded-Method: GET\r\n"
                    + "Cookie: __Host-pulih-application=\(cookie)\r\n"
                try client.begin("GET", "/.pulih/verify", headers: headers)
            }
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
