import Benchmarks
import Cryptography
import Domain
import HTTPServer
import Pictures
import SQLite
import Store

/// Reset requests accepted by the portal, each on the disk before its answer: 64 clients that have fetched the form and
/// read the picture, against SQLite alone with one INSERT a transaction.
enum Acceptance {
    static let benchmark = Benchmark(
        Line(
            "http-accept",
            "Reset requests accepted over HTTP, each on the disk before its answer, 64 clients with fetched "
                + "forms and solved captchas, over SQLite alone with one INSERT a transaction.",
            target: "at least 1.5",
            limit:
                "An empty answer of libmicrohttpd beside the rows alone, measured beside it, reaches 1.9 (1.3 to 2.0): 1.5 "
                + "would leave 15 us for reading and checking the form, its token, captcha and limits, the second row and the "
                + "cookie.",
            seconds: 40, needs: [.program]), run)

    private static let requests = 64 * 150

    static func run(_ run: Run) throws {
        let installation = try Installation(run.folder, accounts: requests)
        let portal = try installation.startPortal()
        defer { portal.stop() }
        let captchas = try CaptchaService(key: installation.key("captcha"), alphabet: Captcha.alphabet)
        var waits: [Double] = []
        let measures = [
            Measure(
                "reset requests accepted over HTTP", "/s", "Pulih's portal, 64 clients", over: insertsAlone,
                .atLeast(1.5)),
            Measure(
                "reset requests accepted over HTTP, the same table", "/s", "Pulih's portal, 64 clients",
                over: "the same, into Pulih's own table"),
            Measure(
                "reset requests without form and captcha", "/s",
                "their rows alone, beside libmicrohttpd alone, 64 clients", over: insertsAlone),
        ]
        guard let bare = BareServer(threads: cores, answering: "") else {
            throw BenchFailure("libmicrohttpd cannot listen")
        }
        try run.compare(measures) { _ in
            let forms = try forms(installation.portalPort, captchas)
            let rate = try LoopbackLoad.drive(
                installation.portalPort, forms, into: &waits, expecting: "Location: /reset/sent")
            let (plain, own) = (run.folder.fresh("plain.db"), run.folder.fresh("own.db"))
            try Database(path: own, clock: BenchClock()).close()
            let least = try rowsAlone(run, bare)
            let alone = try insertsAlone(plain)
            return [(rate, alone), (rate, try insertsAlone(own)), (least, alone)]
        }
        run.tell("an answer", waits: waits)
    }

    /// An empty answer to each client while a request for each is queued, 32 to a commit.
    private static func rowsAlone(_ run: Run, _ server: BareServer) throws -> Double {
        let database = try RowsAlone.queue(run)
        defer { database.close() }
        let questions = LoopbackClient.plainRequests(requests)
        var waits: [Double] = []
        return try RowsAlone.measure(requests) {
            try QueueTurns(database).enqueue(requests)
        } beside: {
            _ = try LoopbackLoad.drive(server.port, questions, into: &waits, expecting: "HTTP/1.1 200")
        }.rate
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

    /// - Parameter path: of a database that may be new.
    /// - Returns: rows a second.
    static func insertsAlone(_ path: String) throws -> Double {
        guard let inserter = BareInserter(path: path) else { throw BenchFailure("SQLite cannot open \(path)") }
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
