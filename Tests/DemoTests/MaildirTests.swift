import Domain
import Foundation
import MIME
import Support
import Testing

@testable import Demo

struct MaildirTests {
    private let folder: TemporaryFolder
    private let maildir: Maildir

    init() throws {
        folder = try TemporaryFolder()
        maildir = Maildir(folder: folder.file("mail"))
    }

    @Test func aFolderThatIsNotThereYetIsEmpty() { #expect(maildir.entries.isEmpty) }

    @Test func mailsStandNewestFirst() throws {
        let names = [
            "100.M5P1Q1.host", "100.M40P1Q2.host", "99.M999999P1Q3.host", "100.M5P1Q10.host:2,S", "100.M5P1Q9.host",
            "101.V1I2.host", "1000.M0P1Q1.host",
        ]
        for name in names { try folder.write(name, to: "mail/\(name.contains(":") ? "cur" : "new")/\(name)") }
        let entries = maildir.entries
        #expect(
            entries.map(\.id) == [
                "1000.M0P1Q1.host", "101.V1I2.host", "100.M40P1Q2.host", "100.M5P1Q10.host", "100.M5P1Q9.host",
                "100.M5P1Q1.host", "99.M999999P1Q3.host",
            ])
        #expect(
            entries.map(\.receivedAt.milliseconds) == [1_000_000, 101_000, 100_000, 100_000, 100_000, 100_000, 99_999])
        #expect(maildir.bytes(of: entries[3], atMost: 100) == Array("100.M5P1Q10.host:2,S".utf8))
        #expect(maildir.bytes(of: entries[3], atMost: 3) == Array("100".utf8))
    }

    @Test func whatIsNoMailIsPassedOver() throws {
        for name in [
            "new/.hidden", "new/x", "new/1.M1", "new/-1.M1.h", "new/1.M1.h <b>", "tmp/1.M1P1Q1.h", "1.M1P1Q1.h",
        ] {
            try folder.write("secret", to: "mail/\(name)")
        }
        try folder.write("secret", to: "mail/new/99999999999999999999.M1.h")
        #expect(maildir.entries.isEmpty)
    }

    @Test func anIDLeadsToNothingButAListedMail() throws {
        try folder.write("secret", to: "secret")
        try folder.write("mail", to: "mail/new/1.M1P1Q1.h")
        try folder.write("draft", to: "mail/tmp/2.M1P1Q1.h")
        #expect(maildir.entry("1.M1P1Q1.h") != nil)
        for id in [
            "", ".", "..", "../../secret", "../tmp/2.M1P1Q1.h", "2.M1P1Q1.h", "1.M1P1Q1.h:2,S", "1.M1P1Q1.h/",
            folder.file("secret"), "1.M1P1Q1.H", "1.M1P1Q1.h\0",
        ] {
            #expect(maildir.entry(id) == nil, "\(id)")
        }
    }

    @Test func aMailThatVanishesIsGone() throws {
        let file = try folder.write("mail", to: "mail/new/1.M1P1Q1.h")
        let entry = try #require(maildir.entry("1.M1P1Q1.h"))
        try FileManager.default.removeItem(atPath: file)
        #expect(maildir.bytes(of: entry, atMost: 100) == nil)
        #expect(maildir.entry("1.M1P1Q1.h") == nil)
    }

    @Test func whatIsSentOverSMTPArrives() throws {
        let port = try FreePort()
        let server = try Subprocess(
            "/usr/bin/python3",
            [
                "-m", "aiosmtpd", "--nosetuid", "--listen", "127.0.0.1:\(port.number)", "--class",
                "aiosmtpd.handlers.Mailbox", folder.file("mail"),
            ])
        try port.waitForListener()
        let program = """
            import smtplib
            with smtplib.SMTP("127.0.0.1", \(port.number)) as relay:
                for number in range(12):
                    relay.sendmail("a@example.org", ["b@example.org"], (
                        "Subject: =?utf-8?q?caf=C3=A9?= %d\\r\\nFrom: a@example.org\\r\\n\\r\\nFrom here\\r\\n..\\r\\n" % number).encode())
            """
        try Subprocess.output(of: "/usr/bin/python3", ["-c", program])
        let messages = maildir.entries.compactMap { maildir.bytes(of: $0, atMost: 10_000) }.map(MIMEMessage.init)
        #expect(messages.map { $0.header("Subject") } == (0..<12).reversed().map { "café \($0)" })
        #expect(messages.first?.text == "From here\n..\n")
        #expect(messages.first?.header("X-RcptTo") == "b@example.org")
        try server.stop()
    }
}
