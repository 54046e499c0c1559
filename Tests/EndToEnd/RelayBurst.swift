import Support
import Testing

/// Sixty mails queued at once that a real mail system takes and hands on, with the limits that it has by default.
enum RelayBurst {
    static let mails = 60
    /// From the commit until the last mail is at the final server. What a mail system puts aside takes it minutes.
    private static let limit = Duration.seconds(5)

    /// Sends them over `lanes` by the relay on `port`, and expects all at the `final` server in time. Other tests may have
    /// the machine for themselves meanwhile, so the best of three bursts counts.
    static func send(over lanes: Int, by port: UInt16, to final: MailServer) throws {
        let desk = try OperatorClient(smtp: "host: \"127.0.0.1\", port: \(port), tls: \"none\"", lanes: lanes)
        let worker = try desk.start("worker")
        var times: [Duration] = []
        while times.count < 3, times.last.map({ $0 >= limit }) ?? true {
            times.append(try time(ofBurst: times.count, by: desk, to: final))
        }
        #expect(times.contains { $0 < limit }, "\(times)")
        try worker.stop(timeout: .seconds(15))
    }

    private static func time(ofBurst number: Int, by desk: OperatorClient, to final: MailServer) throws -> Duration {
        let domain = "burst\(number).example.org"
        try desk.shell(
            """
            WITH RECURSIVE number(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM number WHERE n < \(mails))
            INSERT INTO job (kind, payload) SELECT 'mail-test', '{"to": "person' || n || '@\(domain)"}' FROM number;
            """)
        let start = ContinuousClock.now
        let messages = try final.waitForMessages(mails, timeout: .seconds(30)) { message in
            message.isAccepted && message.recipients.allSatisfy { $0.hasSuffix("@\(domain)") }
        }
        #expect(Set(messages.map(\.recipients)).count == mails)
        return ContinuousClock.now - start
    }
}
