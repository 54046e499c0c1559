import Benchmarks
import Cryptography
import Domain
import Glibc
import MIME

/// Whether others still get through while wrong logins keep every core busy with argon2id: the monitoring's question
/// and the page of a link that was mailed.
enum Saturation {
    static let benchmark = Benchmark(
        Line(
            "saturation",
            "With argon2id saturated by wrong logins, 8 clients a core: /healthz and a link's page, p99.",
            target: "at most 1 of the limit, 100 ms", seconds: 35, needs: [.program]), run)

    private static let accounts = 20_000
    private static let limit = 100.0
    private static let roundLength = 5.0

    static func run(_ run: Run) throws {
        let hash = try PasswordHasher().hash(Array("a password of everybody".utf8), random: SystemRandom())
        let relay = try SlowRelay(pause: 0)
        defer { relay.stop() }
        let installation = try Installation(
            run.folder, relayPort: relay.port, accounts: accounts, passwordHashes: [hash])
        let service = try installation.start("serve")
        defer { service.stop() }
        try service.answers(on: installation.portalPort)
        try service.answers(on: installation.operationsPort)
        try installation.enqueue(1)
        let link = try link(in: try relay.waitForMail())

        let load = WrongLogins(installation, threads: 8 * cores)
        defer { load.stop() }
        let measures = ["/healthz", "a link's page"].map {
            Measure("saturation, \($0), p99", "ms", "beside wrong logins", over: "limit", .atMost(1))
        }
        let (start, first) = (ContinuousClock.now, load.refused)
        try run.compare(measures) { _ in
            let probes = [(installation.operationsPort, "/healthz"), (installation.portalPort, link)]
            let waits = try probe(probes)
            return waits.map { (percentile($0, 0.99) * 1000, limit) }
        }
        let refused = Double(load.refused - first) / seconds(since: start)
        run.tell("passwords checked meanwhile", refused, "/s")
        if let failure = load.failure { throw BenchFailure(failure) }
        guard refused > 5 else { throw BenchFailure("the wrong logins did not keep it busy") }
    }

    /// Asks each page over a new connection, one after the other, for as long as a round takes.
    private static func probe(_ pages: [(port: Int, path: String)]) throws -> [[Double]] {
        var waits = pages.map { _ in [Double]() }
        let start = ContinuousClock.now
        while seconds(since: start) < roundLength {
            for (index, page) in pages.enumerated() {
                waits[index].append(
                    try seconds {
                        let answer = try PortalClient(port: page.port, from: "192.0.2.9").get(page.path)
                        guard answer.status == 200 else { throw BenchFailure("\(page.path): \(answer.status)") }
                    })
            }
            usleep(2_000)
        }
        return waits
    }

    /// The path of the link in a mail.
    private static func link(in mail: [UInt8]) throws -> String {
        guard let text = MIMEMessage(mail).text, let token = text.split(separator: "/reset/").dropFirst().first else {
            throw BenchFailure("the mail has no link")
        }
        return "/reset/" + token.prefix { !$0.isWhitespace }
    }
}
