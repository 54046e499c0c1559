import Foundation
import SMTP
import Support
import Threading
import Testing

/// Postfix's smtp-sink: plain delivery from several threads.
@Suite struct SMTPSinkTests {
    @Test func `four couriers in four threads keep one connection each`() throws {
        let sink = try SMTPSink()
        let (relay, message) = (
            try loopbackRelay(Int(sink.port), messagesPerConnection: 1000), try sampleMessage()
        )
        let failures = Monitor<[String]>([])
        DispatchQueue.concurrentPerform(iterations: 4) { _ in
            let courier = SMTPClient(to: relay)
            for round in 0..<50 {
                let outcome = courier.send(message)
                if outcome.status != .delivered || outcome.reusedConnection != (round > 0) {
                    failures.withLock { $0.append("\(outcome)") }
                }
            }
        }
        #expect(failures.withLock { $0 } == [])
        let counters = try sink.waitForCounters { $0.quits == 4 }
        #expect(counters.sessions == 4)
        #expect(counters.messages == 200)
    }

    @Test(arguments: [
        ("RCPT", "-f", DeliveryStatus.permanent), ("RCPT", "-r", .temporary), (".", "-f", .permanent),
        (".", "-r", .temporary),
        ("DATA", "-q", .temporary), ("DATA", "-Q", .relayFault), ("CONNECT", "-f", .relayFault),
        ("MAIL", "-r", .relayFault),
        ("EHLO HELO", "-f", .relayFault),
    ])
    func `a command that smtp-sink fails gets the verdict of its step`(
        command: String, option: String, verdict: DeliveryStatus
    ) throws {
        let sink = try SMTPSink([option, command])
        let outcome = SMTPClient(to: try loopbackRelay(Int(sink.port))).send(try sampleMessage())
        #expect(outcome.status == verdict, "\(outcome)")
    }
}
