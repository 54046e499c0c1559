import Foundation
import SMTP
import Support
import Testing

/// What arrives, read by a strict parser of other make: the e-mail package of Python.
@Suite struct MessageFormatTests {
    private struct Parsed: Decodable {
        let defects: [String]
        let type: String
        let headers: [[String]]
        let parts: [Part]
        let mailbox: String
        let longestLine: Int
        let bareLineEnds: Int

        struct Part: Decodable {
            let type: String
            let charset: String
            let encoding: String
            let content: String
        }

        subscript(name: String) -> String? { headers.first { $0[0] == name }?[1] }
    }

    @Test func `a strict parser reads back what was meant`() throws {
        let subject =
            "Pemulihan TOTP: kode Anda 🔐 – \"périksa\" alamat, tanggal dan waktu permintaan ini baik-baik, 日本語 juga"
        let from = "Bank Jüdäh, Tbk. 🔐 pusat bantuan dan pemulihan akun <no-reply@bank.example>"
        let long = String(repeating: "é", count: 2_000)
        let text = "Halo Siti,\r\n.\n..\n.titik di depan\nbaris\rlain\n.\r\nMAIL FROM:<evil@evil.example>\n\(long)\n"
        let html = "<p>Halo <b>Siti</b> ünd 日本語</p>\n.\n"
        let received = try deliver(
            try message(subject: subject, from: from, text: text, html: html))

        #expect(received.defects.isEmpty, "\(received.defects)")
        #expect(received.type == "multipart/alternative")
        #expect(received["Subject"] == subject)
        #expect(received.mailbox == from)
        #expect(received["Auto-Submitted"] == "auto-generated")
        let names: [String] = received.headers.map { $0[0] }
        #expect(names.dropFirst(2) == ["From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted"])
        #expect(names.prefix(2) == ["Content-Type", "MIME-Version"])
        #expect(received.parts.map(\.type) == ["text/plain", "text/html"])
        #expect(received.parts.allSatisfy { $0.charset == "utf-8" && $0.encoding == "base64" })
        #expect(received.parts[0].content == text.withCRLF)
        #expect(received.parts[1].content == html.withCRLF)
        #expect(received.longestLine <= 78)
        #expect(received.bareLineEnds == 0)
    }

    @Test func `a message without HTML has one part`() throws {
        let received = try deliver(try message(subject: "Halo", text: "isi", html: nil))
        #expect(received.defects.isEmpty)
        #expect(received.parts.map(\.content) == ["isi"])
    }

    @Test func `empty bodies arrive empty`() throws {
        let received = try deliver(try message(subject: "Halo", text: "", html: ""))
        #expect(received.defects.isEmpty)
        #expect(received.parts.map(\.content) == ["", ""])
    }

    /// Plain, spaced, looking encoded, split inside a code point by a careless encoder, long in one word and in many.
    static let subjects: [String] = [
        "Halo", "a  b   c", String(repeating: "dua  tiga   ", count: 20) + "x", "=?UTF-8?Q?evil?=", "é",
        String(repeating: "🔐", count: 100),
        String(repeating: "kata ", count: 60) + "akhir", String(repeating: "e\u{301}", count: 80),
        "Tunggu: \"kutip\" <siku> (kurung) \\ %s;", "\u{FEFF}x", String(repeating: "日本語 teks ", count: 20) + "x",
    ]

    @Test(arguments: subjects)
    func `any subject comes back as it was`(subject: String) throws {
        let received = try deliver(try message(subject: subject, text: "isi", html: nil))
        #expect(received.defects.isEmpty, "\(received.defects)")
        #expect(received["Subject"].map { Array($0.utf8) } == Array(subject.utf8))
        #expect(received.longestLine <= 78)
    }

    private func message(
        subject: String, from: String = "Pulih <no-reply@pulih.example>", text: String, html: String?
    ) throws(MessageError) -> Message {
        try Message(
            envelopeSender: "bounces@pulih.example", recipient: "siti@bank.example",
            headers: [
                Header("From", from), Header("To", "siti@bank.example"), Header("Subject", subject),
                Header("Date", "Sat, 23 Nov 2024 22:39:00 +0700"), Header("Message-ID", "<8f14e45f@pulih.example>"),
                Header("Auto-Submitted", "auto-generated"),
            ],
            text: text, html: html)
    }

    private func deliver(_ message: Message) throws -> Parsed {
        let peer = try MailServer()
        let outcome = SMTPClient(to: try loopbackRelay(Int(peer.port))).send(message)
        #expect(outcome.status == .delivered, "\(outcome)")
        let received = try peer.waitForMessage()
        #expect(received.recipients == ["siti@bank.example"])
        let json = try Subprocess.output(of: "/usr/bin/python3", ["-c", parser, received.path])
        return try JSONDecoder().decode(Parsed.self, from: Data(json.utf8))
    }
}

/// Reads the message in a file; a defect anywhere is listed.
private let parser = """
    import email, email.policy, json, re, sys
    from email.header import decode_header, make_header
    data = open(sys.argv[1], "rb").read()
    message = email.message_from_bytes(data, policy=email.policy.SMTP)
    defects = [d for part in message.walk() for d in part.defects]
    defects += [d for part in message.walk() for _, value in part.items() for d in value.defects]
    email.message_from_bytes(data, policy=email.policy.strict)
    # The strict parser keeps the space between two encoded words of a name, which RFC 2047 section 6.2 drops.
    mailbox = str(make_header(decode_header(email.message_from_bytes(data)["From"])))
    parts = [dict(type=part.get_content_type(), charset=part.get_content_charset(),
                  encoding=part["Content-Transfer-Encoding"], content=part.get_payload(decode=True).decode("utf-8"))
             for part in message.iter_parts()]
    # The one with the boundary.
    lines = [line for line in data.split(b"\\r\\n") if not line.startswith(b"Content-Type: multipart/alternative;")]
    print(json.dumps(dict(
        defects=[repr(d) for d in defects], type=message.get_content_type(), headers=list(message.items()), parts=parts,
        mailbox=mailbox, longestLine=max(len(line) for line in lines),
        bareLineEnds=len(re.findall(rb"(?<!\\r)\\n|\\r(?!\\n)", data)))))
    """

extension String {
    fileprivate var withCRLF: String {
        replacingOccurrences(of: "\r\n", with: "\n").replacingOccurrences(of: "\r", with: "\n")
            .replacingOccurrences(of: "\n", with: "\r\n")
    }
}
