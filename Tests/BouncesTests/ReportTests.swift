import Support
import Testing

@testable import Bounces

/// Delivery reports for programs, as Postfix and Exim write them, and as they should not be.
@Suite("Delivery reports")
struct ReportTests {
    static let address = "bounce+17.ktealcff35xeq22m@example.org"

    static func real(_ name: String) throws -> ReturnedMail {
        ReturnedMail(Array(try ProjectFile.text("Tests/Messages/\(name).eml").utf8))
    }

    private func read(_ text: String) -> ReturnedMail { ReturnedMail(Array(text.utf8)) }

    @Test(
        "A failure is read with status and words",
        arguments: [
            ("postfix-failed", "550 5.1.1 The account does not exist: könig"),
            ("postfix-global", "550 5.1.1 The account does not exist: könig"),
            ("exim-failed", #"550 5.1.1 The account does not exist: k\303\266nig"#),
        ])
    func failed(name: String, words: String) throws {
        let mail = try Self.real(name)
        #expect(mail.meaning == .failed(ReturnedMail.Report(status: "5.1.1", words: words)))
        #expect(mail.recipients.contains(Self.address))
    }

    @Test("A delay is no failure", arguments: [("postfix-delayed", "4.4.1"), ("exim-delayed", "4.0.0")])
    func delayed(name: String, status: String) throws {
        guard case .delayed(let report) = try Self.real(name).meaning else {
            Issue.record("\(name) is not read as a delay")
            return
        }
        #expect(report.status == status)
        #expect(!report.words.isEmpty)
    }

    /// A report with these fields for its recipient.
    private func report(_ fields: String, type: String = "multipart/report; report-type=delivery-status") -> String {
        """
        Return-Path: <>
        To: \(Self.address)
        Auto-Submitted: auto-replied
        Content-Type: \(type); boundary=b

        --b

        A message for people.
        --b
        Content-Type: message/delivery-status

        Reporting-MTA: dns; mx.example.org

        \(fields)
        --b--
        """
    }

    @Test(
        "What a report says of the recipient decides",
        arguments: [
            ("Action: failed\nStatus: 5.2.2", "failed 5.2.2"),
            ("ACTION: Failed (for good)\nStatus: 5.2.2", "failed 5.2.2"),
            ("Action: delayed\nStatus: 4.2.2", "delayed 4.2.2"), ("Action: delivered\nStatus: 2.0.0", "delivered"),
            ("Action: relayed\nStatus: 2.0.0", "delivered"), ("Action: expanded\nStatus: 2.0.0", "delivered"),
            ("Action: failed", "failed -"), ("Status: 5.1.1 (no such user)", "failed 5.1.1"),
            ("Status: 4.4.7", "delayed 4.4.7"),
            ("Final-Recipient: rfc822; a@example.net", "unread"), ("Action: perhaps", "unread"),
            ("Action: failed\nStatus: five", "failed -"),
            // The failure among several, whatever the order.
            ("Action: delivered\nStatus: 2.0.0\n\nAction: failed\nStatus: 5.1.1", "failed 5.1.1"),
            ("Action: failed\nStatus: 5.1.1\n\nAction: delayed\nStatus: 4.1.1", "failed 5.1.1"),
            // The words are surer than a status that says nothing.
            ("Action: failed\nStatus: 5.0.0\nDiagnostic-Code: smtp; 552 5.2.2 full", "failed 5.2.2"),
        ])
    func actions(fields: String, expected: String) {
        #expect(Self.summary(read(report(fields)).meaning) == expected)
    }

    @Test("Other reports are none on a delivery")
    func otherReports() {
        for type in ["disposition-notification", "feedback-report"] {
            let mail = read(report("Action: failed", type: "multipart/report; report-type=\(type)"))
            #expect(mail.meaning == .automaticReply, "\(type)")
        }
        // A report that a person forwards is within another message.
        #expect(Self.summary(read(report("Action: failed", type: "multipart/mixed")).meaning) == "unread")
    }

    @Test("Line ends of any kind, folded fields and bytes that are no text are read")
    func shapes() {
        let folded = "Action: failed\nStatus: 5.1.1\nDiagnostic-Code: smtp; 550 5.1.1\n no such\n\tuser"
        let text = report(folded)
        let windows = text.split(separator: "\n", omittingEmptySubsequences: false).joined(separator: "\r\n")
        for mail in [text, windows] {
            #expect(
                read(mail).meaning == .failed(ReturnedMail.Report(status: "5.1.1", words: "550 5.1.1 no such user")))
        }
        let broken = Array(report("Action: failed\nStatus: 5.1.1\nDiagnostic-Code: smtp; 550 caf").utf8) + [0xE9, 0x0A]
        #expect(Self.summary(ReturnedMail(broken).meaning) == "failed 5.1.1")
    }

    @Test(
        "A report that is cut off anywhere is read or not, and never crashes",
        arguments: ["postfix-failed", "exim-failed"])
    func cut(name: String) throws {
        let bytes = Array(try ProjectFile.text("Tests/Messages/\(name).eml").utf8)
        let meanings = stride(from: 0, to: bytes.count, by: 7).map { ReturnedMail(Array(bytes.prefix($0))).meaning }
        #expect(meanings.contains { Self.summary($0) == "failed 5.1.1" })
        #expect(Self.summary(meanings[0]) == "unread")
    }

    @Test("Of a message of 10 MB the beginning is read")
    func long() throws {
        let head = Array(try ProjectFile.text("Tests/Messages/postfix-failed.eml").utf8)
        let tail = [UInt8](repeating: UInt8(ascii: "x"), count: 10_000_000)
        #expect(Self.summary(ReturnedMail(head + tail).meaning) == "failed 5.1.1")
        #expect(ReturnedMail(tail).meaning == .unknown)
        let header = Array("To: ".utf8) + tail
        #expect(ReturnedMail(header).meaning == .unknown)
    }

    /// `failed 5.1.1`, `unread`.
    static func summary(_ meaning: ReturnedMail.Meaning) -> String {
        switch meaning {
        case .failed(let report): "failed \(report.status ?? "-")"
        case .delayed(let report): "delayed \(report.status ?? "-")"
        case .delivered: "delivered"
        case .automaticReply, .unknown: "unread"
        }
    }
}
