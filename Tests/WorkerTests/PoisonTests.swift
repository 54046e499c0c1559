import Domain
import Support
import Testing
import Worker

@Suite("Poison in the queue")
struct PoisonTests {
    private static let unknown =
        "unknown kind; known are reset-request, reset-notice, activation-notice, disable-notice, failure-notice, "
        + "recovery-notice, mail-test"

    /// Kind, payload, and the reason that operators read.
    private static let poison: [(String, String, String)] = [
        ("reset-request", "", "the payload is not JSON"),
        ("reset-request", "{", "the payload is not JSON"),
        ("reset-request", "null", "the payload is not an object"),
        ("reset-request", "[]", "the payload is not an object"),
        ("reset-request", "{}", "the payload has no user_id"),
        ("reset-request", #"{"user_id": {}, "email": "x", "user_type": "x"}"#, "the payload's user_id is not text"),
        ("reset-request", "\u{0}\u{1}\u{7f}", "the payload is not JSON"),
        ("reset-request", String(repeating: "{\"a\":", count: 40_000), "the payload is not JSON"),
        ("reset-request", "\"" + String(repeating: "x", count: 1_000_000) + "\"", "the payload is too long"),
        ("reset-notice", #"{"account": "one"}"#, "not a notice"),
        ("reset-notice", #"{"account": 1e99, "at": 0, "address": "x"}"#, "not a notice"),
        ("recovery-notice", #"{"account": 1, "at": 0, "address": "x", "remaining": "two"}"#, "not a notice"),
        ("mail-test", "{}", "not a test with an address"),
        ("mail-test", #"{"to": "nobody"}"#, "not a test with an address"),
        ("mail-test", #"{"to": "ops@example.com\r\nRCPT TO:<evil@example.com>"}"#, "not a test with an address"),
        ("", "{}", unknown),
        ("RESET-REQUEST", "{}", unknown),
        ("reset-request\u{0}", "{}", unknown),
    ]

    @Test("Each is dead with a reason, none is mailed, and the job behind them is")
    func poison() throws {
        let scene = try WorkerScene()
        let jobs = try Self.poison.map { try scene.scene.enqueue($0.0, $0.1) }
        let good = try scene.scene.request(scene.scene.payload())
        try scene.working(lanes: 2) { _ in try scene.logger.settled(good) }
        for (job, (kind, payload, reason)) in zip(jobs, Self.poison) {
            let settled = try scene.scene.job(job)
            #expect(
                (settled.state, settled.outcome, settled.reason) == (.dead, "malformed", reason),
                "\(kind) \(payload.prefix(40))")
        }
        #expect(scene.courier.mails.map(\.recipient) == ["budi@example.org"])
    }

    @Test("A notice for an account that is gone is settled, and mailed to nobody", arguments: Notice.allCases)
    func accountGone(notice: Notice) throws {
        let scene = try WorkerScene()
        let job = try scene.scene.enqueue(notice.rawValue, #"{"account": 99, "at": 0, "address": "x"}"#)
        try scene.working { _ in try scene.logger.settled(job) }
        let settled = try scene.scene.job(job)
        #expect((settled.state, settled.outcome, settled.reason) == (.done, "refused", "the account is gone"))
        #expect(scene.courier.mails.isEmpty)
    }

    @Test(
        "Times that an outside program got wrong end the job and not the worker",
        arguments: [Int64.min, -1, 0, 1_795_420_800, 9_223_372_036_854_775_807, 1_795_420_800_000_000])
    func times(milliseconds: Int64) throws {
        let scene = try WorkerScene()
        try scene.scene.fixture.execute(
            """
            INSERT INTO job (kind, payload, created_at, run_at)
            VALUES ('reset-notice', '{"account": 1, "at": \(milliseconds), "address": "x"}', \(milliseconds), \(milliseconds));
            """)
        let good = try scene.scene.request(scene.scene.payload())
        try scene.working { _ in
            try scene.logger.settled(good)
            try scene.logger.wait(for: "job.settled", count: 2)
        }
        #expect(try scene.scene.job(good).outcome == "mailed")
    }
}
