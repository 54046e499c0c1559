import Support
import Testing

@Suite struct ReceivedMailTests {
    @Test func `a message is taken apart`() throws {
        let mail = try read(Self.good)
        #expect(mail.subject == "Konfirmasi Permintaan Reset TOTP – akun")
        #expect(mail.header("to") == "Budi <budi@pulih.test>")
        #expect(mail.headers.map(\.name).prefix(3) == ["From", "To", "Subject"])
        #expect(mail.contentType == "multipart/alternative")
        #expect(mail.parts.map(\.contentType) == ["text/plain", "text/html"])
        #expect(mail.parts.map(\.transferEncoding) == ["quoted-printable", "base64"])
        #expect(mail.text == "Tautan – https://pulih.test/reset/AbC-_123.xyz, atau\n<http://127.0.0.1:8080/a?b=c&d>.\n")
        #expect(mail.links(in: .text) == ["https://pulih.test/reset/AbC-_123.xyz", "http://127.0.0.1:8080/a?b=c&d"])
        #expect(mail.html == "<a href=\"https://pulih.test/?a&amp;b\">Reset</a> <a href='mailto:x@y'>x</a>")
        #expect(mail.links(in: .html) == ["https://pulih.test/?a&b"])
    }

    /// A change that makes a good message bad, and what is to be said of it.
    struct Damage: CustomTestStringConvertible {
        let testDescription: String
        let old: String
        let new: String
        let complaint: String

        init(_ description: String, _ old: String, _ new: String, _ complaint: String) {
            (testDescription, self.old, self.new, self.complaint) = (description, old, new, complaint)
        }
    }

    @Test(arguments: [
        Damage("bare LF", "1.0\r\n", "1.0\n", "does not end in CR LF"),
        Damage("endless encoded word", "akun?=", "akun", "encoded word"),
        Damage("half a character in the subject", "=E2=80=93_akun", "=E2=80_akun", "encoded word"),
        Damage("address without an end", "noreply@pulih.test>", "noreply@pulih.test", "Defect"),
        Damage("byte above 127", "From: Pulih", "From: Pulíh", "above 127"),
        Damage("date in words", "Mon, 23 Nov 2026 10:00:00 +0000", "yesterday", "InvalidDateDefect"),
        Damage("no date", "Date: Mon, 23 Nov 2026 10:00:00 +0000\r\n", "", "0 headers Date"),
        Damage("two recipients' headers", "Message-ID", "To: a@pulih.test\r\nMessage-ID", "more than one header To"),
        Damage("no end of the parts", "--x--\r\n", "", "CloseBoundaryNotFoundDefect"),
        Damage("base64 of a wrong length", "PGEgaHJlZj0i", "PGEgaHJlZj0iA", "InvalidBase64"),
        Damage("wrong charset", "text/plain; charset=utf-8", "text/plain; charset=us-ascii", "UnicodeDecodeError"),
        Damage("long line", "\r\nTautan", "\r\n" + String(repeating: "x", count: 999) + "\r\nTautan", "998"),
        Damage("NUL", "Tautan", "Tau\0tan", "NUL"),
    ])
    func `a defect is an error that names it`(damage: Damage) throws {
        let bad = Self.good.replacing(damage.old, with: damage.new, maxReplacements: 1)
        try #require(bad != Self.good)
        let error = #expect(throws: SupportFailure.self) { try read(bad) }
        let description = error?.description ?? ""
        #expect(description.contains(damage.complaint))
    }

    private func read(_ message: String) throws -> ReceivedMail {
        let folder = try TemporaryFolder()
        return try ReceivedMail(path: folder.write(message, to: "message.eml"))
    }

    private static let good = """
        From: Pulih <noreply@pulih.test>
        To: Budi <budi@pulih.test>
        Subject: =?utf-8?q?Konfirmasi_Permintaan_Reset_TOTP_=E2=80=93_akun?=
        Date: Mon, 23 Nov 2026 10:00:00 +0000
        Message-ID: <1@pulih.test>
        MIME-Version: 1.0
        Content-Type: multipart/alternative; boundary=x

        --x
        Content-Type: text/plain; charset=utf-8
        Content-Transfer-Encoding: quoted-printable

        Tautan =E2=80=93 https://pulih.test/reset/AbC-_123.=
        xyz, atau
        <http://127.0.0.1:8080/a?b=3Dc&d>.

        --x
        Content-Type: text/html; charset=utf-8
        Content-Transfer-Encoding: base64

        PGEgaHJlZj0iaHR0cHM6Ly9wdWxpaC50ZXN0Lz9hJmFtcDtiIj5SZXNldDwvYT4gPGEgaHJlZj0n
        bWFpbHRvOnhAeSc+eDwvYT4=
        --x--

        """.replacing("\n", with: "\r\n")
}
