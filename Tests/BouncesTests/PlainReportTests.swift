import Testing

@testable import Bounces

/// Bounces for people, and what looks like one.
@Suite("Plain bounces")
struct PlainReportTests {
    private func read(_ headers: String, _ text: String) -> ReturnedMail {
        ReturnedMail(Array("\(headers)\nTo: \(ReportTests.address)\n\n\(text)\n".utf8))
    }

    @Test("qmail's (QSBMF)")
    func qmail() {
        let mail = read(
            "Return-Path: <>\nFrom: MAILER-DAEMON@mail.example.net",
            """
            Hi. This is the qmail-send program at mail.example.net.
            I'm afraid I wasn't able to deliver your message to the following addresses.
            This is a permanent error; I've given up. Sorry it didn't work out.

            <budi@example.net>:
            Sorry, no mailbox here by that name. (#5.1.1)

            --- Below this line is a copy of the message.

            Return-Path: <\(ReportTests.address)>
            Subject: Reset 5.9.9
            """)
        #expect(
            mail.meaning
                == .failed(ReturnedMail.Report(status: "5.1.1", words: "Sorry, no mailbox here by that name. (#5.1.1)"))
        )
    }

    @Test("Those of Exim before it wrote reports")
    func exim() {
        let mail = read(
            "Return-path: <>\nX-Failed-Recipients: budi@example.net\nAuto-Submitted: auto-replied",
            """
            This message was created automatically by mail delivery software.

            A message that you sent could not be delivered to one or more of its
            recipients. This is a permanent error. The following address(es) failed:

              budi@example.net
                Unrouteable address

            ------ This is a copy of the message, including all the headers. ------

            Return-path: <\(ReportTests.address)>
            """)
        #expect(mail.meaning == .failed(ReturnedMail.Report(status: nil, words: "Unrouteable address")))
    }

    @Test(
        "A mail system without a sender, and a code of class 5",
        arguments: ["<>", "<MAILER-DAEMON>", " <> "])
    func other(path: String) {
        let headers = "Return-Path: \(path)\nFrom: Mail Delivery Subsystem <postmaster@example.net>"
        let mail = read(headers, "Sorry.\n550 mailbox unavailable\n\nSubject: 1")
        #expect(mail.meaning == .failed(ReturnedMail.Report(status: nil, words: "550 mailbox unavailable Subject: 1")))
        #expect(ReportTests.summary(read(headers, "Error 5.2.2, mailbox full.").meaning) == "failed 5.2.2")
        #expect(ReportTests.summary(read(headers, "Error 4.2.2, mailbox full.").meaning) == "delayed 4.2.2")
        #expect(ReportTests.summary(read("\(headers)\nSubject: Warning: delayed", "5.1.1").meaning) == "delayed -")
        #expect(read(headers, "It did not work at 192.0.2.5 on port 550a.").meaning == .unknown)
    }

    @Test(
        "A person, a vacation notice and a stranger are no bounce, whatever they quote",
        arguments: [
            ("Return-Path: <budi@example.net>\nFrom: MAILER-DAEMON@example.net", false),
            ("Return-Path: <>\nFrom: Budi <budi@example.net>", false),
            ("From: postmaster@example.net", false),
            ("Return-Path: <>\nFrom: Budi <budi@example.net>\nAuto-Submitted: auto-replied (vacation)", true),
            ("Return-Path: <budi@example.net>\nPrecedence: auto_reply", true),
            ("X-Autoreply: yes", true), ("Auto-Submitted: no", false),
        ])
    func others(headers: String, isAutomatic: Bool) {
        let mail = read("\(headers)\nSubject: Re: Reset", "I am away. You wrote: 550 5.1.1 no such user")
        #expect(mail.meaning == (isAutomatic ? .automaticReply : .unknown))
    }

    @Test("Text in another encoding and charset is read; words are one line and not endless")
    func encodings() {
        let headers = """
            Return-Path: <>
            From: MAILER-DAEMON@example.net
            Content-Type: text/plain; charset=iso-8859-1
            Content-Transfer-Encoding: quoted-printable
            """
        let mail = read(headers, "550 5.1.1 caf=E9\u{0}\t=\n x =1B[31m" + String(repeating: " word", count: 300))
        guard case .failed(let report) = mail.meaning else {
            Issue.record("it is not read")
            return
        }
        #expect(report.words.hasPrefix("550 5.1.1 café x [31m word word"))
        #expect(report.words.unicodeScalars.count <= 513)
    }

    @Test("Addresses are found in every header that mail systems add, in whatever shape")
    func recipients() {
        let mail = ReturnedMail(
            Array(
                """
                Delivered-To: one@example.org
                X-ORIGINAL-TO: <two@example.org>
                Envelope-To: three@example.org, Four <four@example.org>
                To: "Five, and more" <five@example.org>
                Cc: six@example.org

                """.utf8))
        for name in ["one", "two", "three", "four", "five"] {
            #expect(mail.recipients.contains("\(name)@example.org"))
        }
        #expect(!mail.recipients.contains("six@example.org"))
        #expect(ReturnedMail(Array("To: \(String(repeating: "a,", count: 9_999))".utf8)).recipients.count == 100)
    }
}
