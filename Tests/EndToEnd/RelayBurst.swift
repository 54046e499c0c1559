import Support
import Testing

/// Sixty mails queued at once that a real mail system takes and hands on, with the limits that it has by default.
enum RelayBurst {
    static let mails = 60
    /// What holds a mail back until a queue run holds it for minutes.
    private static let limit = Duration.seconds(5)

    /// Sends them over `lanes` by the relay on `port`, and expects all at the `final` server in time.
    static func send(over lanes: Int, by port: UInt16, to final: MailServer) throws {
        let desk = try OperatorClient(smtp: "host: \"127.0.0.1\", port: \(port), tls: \"none\"", lanes: lanes)
        let worker = try desk.start("worker")
        let start = ContinuousClock.now
        try desk.shell(
            """
            WITH RECURSIVE number(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM number WHERE n < \(mails))
            INSERT INTO job (kind, payload) SELECT 'mail-test', '{"to": "person' || n || '@example.org"}' FROM number;
            """)
        let messages = try final.waitForMessages(mails, timeout: .seconds(30))
        let time = ContinuousClock.now - start
        #expect(time < limit)
        #expect(Set(messages.map(\.recipients)).count == mails)
        try worker.stop(timeout: .seconds(15))
    }
}
