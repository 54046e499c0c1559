import Foundation
import Support
import Testing

@testable import MIME

struct MIMEMessageTests {
    /// A message as Python's email package wrote it, and as it reads it back.
    private struct Sample: Decodable {
        let name: String
        let raw: Data
        let subject: String
        let from: String
        let text: String?
        let html: String?
    }

    /// Messages in every shape that mailers give them: transfer encodings, charsets, nestings, line ends; and some of
    /// random text, always the same.
    private static func samples() throws -> [Sample] {
        let program = """
            import base64, email, email.policy, itertools, json, random, sys
            from email.message import EmailMessage

            samples = []

            def keep(name, message, policy):
                raw = message.as_bytes(policy=policy)
                read = email.message_from_bytes(raw, policy=policy)
                def part(kind):
                    found = read.get_body([kind])
                    return found and found.get_content().replace("\\r\\n", "\\n")
                samples.append(dict(name=name, raw=base64.b64encode(raw).decode(), subject=str(read["Subject"]),
                                    **{"from": str(read["From"])}, text=part("plain"), html=part("html")))

            def message(subject, text, html, cte, charset, sender="Pulih <a@example.org>"):
                made = EmailMessage()
                made["Subject"], made["From"] = subject, sender
                made.set_content(text, cte=cte, charset=charset)
                if html is not None:
                    made.add_alternative(html, subtype="html", cte=cte, charset=charset)
                return made

            text = "Selamat pagi, Bünyamin = 1\\nFrom here on\\n.\\n\\n  indented\\ttab \\n" + "panjang " * 200 + "\\n"
            html = '<p title="a=b">Halo é</p>\\n'
            for policy in (email.policy.SMTP, email.policy.default):
                for cte, charset in (("base64", "utf-8"), ("quoted-printable", "utf-8"), ("8bit", "utf-8"),
                                     ("quoted-printable", "iso-8859-1"), ("base64", "iso-8859-1")):
                    folded = text if cte != "8bit" else text.replace("panjang ", "panjang\\n")
                    keep(cte + charset, message("Konfirmasi é " * 12, folded, html, cte, charset,
                         "Büro Größe und mehr <a@example.org>"), policy)
                attached = message("attached", "body\\n", "<p>body</p>\\n", "quoted-printable", "utf-8")
                attached.add_attachment("not the body\\n", filename="a.txt")
                attached.add_attachment("<p>nor this</p>\\n", subtype="html", filename="a.html")
                keep("attached", attached, policy)
                keep("only text", message("", "text\\n", None, "7bit", "us-ascii"), policy)

            random.seed(20261123)
            letters = "abc =?_\\t\\"\\\\<>;:,.é日👍ä-" + chr(0x301)
            def some(count, more=""):
                return "".join(random.choice(letters + more) for _ in range(random.randrange(count)))
            for number in range(150):
                cte = random.choice(("base64", "quoted-printable"))
                subject = " ".join(some(90).split())
                keep("random %d" % number, message(subject, some(900, "\\n\\n") + "\\n", some(300, "\\n") + "\\n", cte,
                     "utf-8"), random.choice((email.policy.SMTP, email.policy.default)))
            json.dump(samples, sys.stdout)
            """
        let output = try Subprocess.output(of: "/usr/bin/python3", ["-c", program])
        return try JSONDecoder().decode([Sample].self, from: Data(output.utf8))
    }

    @Test func whatPythonWroteIsReadAsPythonReadsIt() throws {
        let samples = try Self.samples()
        #expect(samples.count == 164)
        for sample in samples {
            let message = MIMEMessage([UInt8](sample.raw))
            #expect(message.header("subject") == sample.subject, "\(sample.name)")
            #expect(message.header("From") == sample.from, "\(sample.name)")
            #expect(message.text == sample.text, "\(sample.name)")
            #expect(message.html == sample.html, "\(sample.name)")
        }
    }

    private func message(_ lines: String...) -> MIMEMessage {
        MIMEMessage(Array(lines.joined(separator: "\r\n").utf8))
    }

    @Test func headersAreUnfoldedAndKeptInOrder() {
        let message = message("A: one", " two", "\tthree", "a: second", "B:", "C:\t x", "", "body")
        #expect(message.headers.map(\.name) == ["A", "a", "B", "C"])
        #expect(message.headers.map(\.value) == ["one two three", "second", "", "x"])
        #expect(message.header("a") == "one two three")
        #expect(message.text == "body")
    }

    @Test(arguments: [
        ("=?utf-8?q?caf=C3=A9?=", "café"), ("=?UTF-8?B?Y2Fmw6k=?=", "café"), ("=?iso-8859-1?Q?caf=E9_x?=", "café x"),
        ("=?utf-8?q?a?= =?utf-8?q?b?=", "ab"), ("=?utf-8?q?a?= b =?utf-8?q?c?=", "a b c"), ("=?utf-8*en?q?a?=", "a"),
        // Not whole, or of an unknown kind: left as they are.
        ("=?utf-8?x?a?=", "=?utf-8?x?a?="), ("=?utf-8?q?a", "=?utf-8?q?a"), ("=??=", "=??="), ("=?", "=?"),
        ("=?utf-8?b?%%%x?=", "=?utf-8?b?%%%x?="), ("=?a?q?b?c?=", "=?a?q?b?c?="),
        // No line break or other control comes out of one.
        ("=?utf-8?q?a=0D=0ABcc:_b=00?=", "a  Bcc: b "), ("=?utf-8?q?=FF?=", "\u{fffd}"), ("=?utf-8?q?a=4?=", "a=4"),
    ])
    func encodedWordsAreRead(value: String, shown: String) {
        #expect(message("Subject: \(value)", "", "").header("Subject") == shown)
    }

    @Test(arguments: [
        ("a=3D=\r\nb", "a=b"), ("a=20 \t\r\nb", "a \nb"), ("a=  \r\nb", "ab"), ("=", ""), ("a=", "a"), ("=4", "=4"),
        ("=zz", "=zz"), ("=c3=A9", "é"), ("=+1", "=+1"), ("==3D", "=="),
    ])
    func quotedPrintableIsRead(body: String, text: String) {
        #expect(message("Content-Transfer-Encoding: Quoted-Printable", "", body).text == text)
    }

    @Test func aBoundaryThatBeginsAnotherIsToldFromIt() {
        let message = message(
            "Content-Type: multipart/mixed; boundary=b", "", "preamble", "--b", "Content-Type: multipart/alternative;",
            " boundary=\"bb\"", "", "--bb", "", "text", "--bbb", "--b-", "--bb \t", "Content-Type: text/html", "",
            "<p>--b</p>", "--bb--", "--b", "", "late", "--b--", "epilogue")
        #expect(message.text == "text\n--bbb\n--b-")
        #expect(message.html == "<p>--b</p>")
    }

    @Test func whatWasCutOffIsReadAsFarAsItGoes() {
        let message = message(
            "Content-Type: multipart/alternative; boundary=b", "", "--b", "", "text", "--b", "Content-Type: text/html",
            "", "<p>")
        #expect(message.text == "text")
        #expect(message.html == "<p>")
    }

    @Test(arguments: [
        "", "\r\n", "\n\n\n", ":", ": x", "no header", "no header\n\nbody", "A: b", " folded from nothing\n\nx",
        "Content-Type:\n\nx", "Content-Type: ;;;\n\nx", "Content-Type: text/html/x\n\nx",
        "Content-Type: multipart/mixed\n\nx", "Content-Type: multipart/mixed; boundary=\"\n\n--\n",
        "Content-Type: multipart/mixed; boundary=\n\n--\n\nx\n----", "Content-Type: multipart/mixed; boundary=b\n\n--b",
        "Content-Type: multipart/mixed; boundary=b\n\n--b--\n--b\n\nx", "Content-Transfer-Encoding: base64\n\n!!!",
        "A\0: b\n\nx", "Content-Type: text/plain; charset=nonsense\n\n\u{e9}",
        "Content-Type: message/rfc822\n\nContent-Type: text/html\n\n<p>",
    ])
    func whatIsNoMailIsStillAnswered(raw: String) {
        let message = MIMEMessage(Array(raw.utf8))
        _ = (message.headers, message.text, message.html, message.header("Subject"))
    }

    @Test func depthAndNumberOfPartsAreLimited() {
        let nested = (0..<5000).reduce("") { $0 + "Content-Type: multipart/mixed; boundary=b\($1)\n\n--b\($1)\n" }
        #expect(MIMEMessage(Array("\(nested)\n\ntext".utf8)).text == nil)
        let many = "Content-Type: multipart/mixed; boundary=b\n\n" + String(repeating: "--b\n\nx\n", count: 100_000)
        #expect(MIMEMessage(Array(many.utf8)).text == "x")
        let headers = String(repeating: "A: b\n", count: 50_000)
        #expect(MIMEMessage(Array(headers.utf8)).headers.count == 50_000)
    }

    @Test func noBytesBringItDown() throws {
        let sample = try #require(try Self.samples().first { $0.name == "attached" })
        var random = SystemRandomNumberGenerator()
        for _ in 0..<500 {
            var bytes = [UInt8](sample.raw)
            for _ in 0..<Int.random(in: 1...8, using: &random) {
                let index = Int.random(in: bytes.indices, using: &random)
                switch Int.random(in: 0..<3, using: &random) {
                case 0: bytes[index] = UInt8.random(in: 0...255, using: &random)
                case 1: bytes.remove(at: index)
                default: bytes.insert(contentsOf: bytes[index...].prefix(40), at: 0)
                }
            }
            let message = MIMEMessage(bytes)
            _ = (message.headers, message.text, message.html)
        }
    }
}
