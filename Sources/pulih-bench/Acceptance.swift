import Benchmarks
import Cryptography
import Domain
import Pictures
import SQLite

/// Reset requests accepted by the portal, each on the disk before its answer: 64 clients that have fetched the form and
/// read the picture, against SQLite alone with one INSERT a transaction.
enum Acceptance {
    static let benchmark = Benchmark(
        Line(
            "http-accept",
            "Reset requests accepted over HTTP, each on the disk before its answer, 64 clients with fetched forms and solved "
                + "captchas, over SQLite alone with one INSERT a transaction.",
            target: "at least 1.5", seconds: 40, needs: [.program]), run)

    private static let requests = 64 * 150

    static func run(_ run: Run) throws {
        let installation = try Installation(run.folder, accounts: requests)
        let portal = try installation.startPortal()
        defer { portal.stop() }
        let captchas = try CaptchaService(key: installation.key("captcha"), alphabet: Captcha.alphabet)
        var waits: [Double] = []
        let measure = Measure(
            "reset requests accepted over HTTP", "/s", "Pulih's portal, 64 clients", over: Self.insertsAlone,
            .atLeast(1.5))
        try run.compare([measure]) { _ in
            let forms = try forms(installation.portalPort, captchas)
            let rate = try LoopbackLoad.drive(
                installation.portalPort, requests, into: &waits, expecting: "Location: /reset/sent"
            ) { client, number in try client.begin(forms[number]) }
            return [(rate, try insertsAlone(run))]
        }
        run.tell("an answer", waits: waits)
    }

    /// Fetches a form for each request and fills it in: all that comes before the part that is timed. Each is another
    /// visitor's.
    private static func forms(_ port: Int, _ captchas: CaptchaService) throws -> [[UInt8]] {
        let client = try PortalClient(port: port, from: "")
        return try (0..<requests).map { number in
            client.address = "10.\(number / 62_500).\(number / 250 % 250).\(number % 250)"
            let page = try client.get("/reset")
            let id = page.field("captcha")
            guard let challenge = captchas.challenge(id: id) else { throw BenchFailure("the form has no captcha") }
            let fields = [
                "user_id": "user\(number + 1)", "email": Installation.address(number + 1), "user_type": "penyedia",
                "captcha": id, "security_code": challenge.code,
            ]
            return client.request(posting: fields, to: "/reset", token: page)
        }
    }

    static let insertsAlone = "SQLite alone, one INSERT a transaction"

    /// - Returns: rows a second.
    static func insertsAlone(_ run: Run) throws -> Double {
        guard let inserter = BareInserter(path: run.folder.fresh("alone.db")) else {
            throw BenchFailure("SQLite cannot make a database")
        }
        let count = 8_000
        let time = try seconds {
            for _ in 0..<count {
                guard inserter.insert(#"{"user_id":"budi","email":"budi@example.org","user_type":"penyedia"}"#) else {
                    throw BenchFailure("SQLite cannot insert")
                }
            }
        }
        return Double(count) / time
    }
}
