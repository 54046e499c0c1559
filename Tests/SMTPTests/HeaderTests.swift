import SMTP
import Testing

/// Header values and mailboxes before they are sent; what comes of them on the wire is in MessageFormatTests.
@Suite struct HeaderTests {
    @Test(
        arguments: [
            ("siti@bank.example", nil, "siti@bank.example"),
            ("  siti@bank.example ", nil, "siti@bank.example"),
            ("Siti Aminah <siti@bank.example>", "Siti Aminah", "siti@bank.example"),
            ("\"Aminah, Siti\" <siti@bank.example>", "Aminah, Siti", "siti@bank.example"),
            ("\"a \\\"b\\\" \\\\ c\" <siti@bank.example>", "a \"b\" \\ c", "siti@bank.example"),
            ("Bank, Tbk. <siti@bank.example>", "Bank, Tbk.", "siti@bank.example"),
            ("Jüdäh <siti@bank.example>", "Jüdäh", "siti@bank.example"),
            (" Siti  < siti@bank.example>", nil, nil),
            (" Siti  <siti@bank.example> ", "Siti", "siti@bank.example"),
            ("<siti@bank.example>", nil, "siti@bank.example"),
            ("Siti <siti@bank.example", nil, nil),
            ("Siti siti@bank.example", nil, nil),
            ("Siti <a@b> <siti@bank.example>", nil, nil),
            ("Siti <siti@bank.example> x", nil, nil),
            ("a@b, Siti <>", nil, nil),
            ("", nil, nil),
            ("Si\nti <siti@bank.example>", nil, nil),
            ("Si\u{2028}ti <siti@bank.example>", nil, nil),
        ] as [(String, String?, String?)])
    func `a mailbox is a name and an address`(text: String, name: String?, address: String?) {
        let mailbox = try? Mailbox(parsing: text)
        #expect(mailbox?.address.text == address)
        #expect(mailbox?.name == name)
    }

    @Test func `an address keeps to the lengths of the standard`() throws {
        let local = String(repeating: "a", count: 64)
        let label = String(repeating: "b", count: 63)
        #expect(
            try EmailAddress("\(local)@\(label).\(label).\(String(repeating: "b", count: 61))").text.utf8.count == 254)
        #expect(throws: AddressError.tooLong) {
            try EmailAddress("\(local)@\(label).\(label).\(String(repeating: "b", count: 62))")
        }
        #expect(throws: AddressError.localPart) { try EmailAddress("a\(local)@bank.example") }
        #expect(throws: AddressError.domain) { try EmailAddress("a@b\(label).example") }
        #expect(throws: AddressError.notOneAt) { try EmailAddress("siti") }
        #expect(throws: AddressError.forbiddenByte(0x20, offset: 4)) { try EmailAddress("siti @bank.example") }
    }

    @Test(arguments: [
        (Header("", "x"), HeaderError.name), (Header("Sub ject", "x"), .name), (Header("Subject:", "x"), .name),
        (Header("Sübject", "x"), .name), (Header("Content-Type", "text/html"), .reserved),
        (Header("MIME-Version", "1.0"), .reserved), (Header("Bcc", "a@b.example"), .reserved),
        (Header("cc", "a@b.example"), .reserved), (Header("Subject", ""), .empty), (Header("X-A", "  "), .empty),
        (Header("X-A", "é"), .notASCII), (Header("X-A", String(repeating: "a", count: 1_000)), .tooLong),
        (Header("From", "a@b.example, c@d.example"), .mailbox(.address(.forbiddenByte(0x2C, offset: 11)))),
        (Header("To", "Siti <x>"), .mailbox(.address(.notOneAt))), (Header("Subject", "a\r\nb"), .control),
    ])
    func `a header that cannot be sent says why`(header: Header, error: HeaderError) {
        #expect(throws: MessageError.header(header.name, error)) {
            try Message(
                envelopeSender: "a@b.example", recipient: "c@d.example", headers: [header], text: "isi")
        }
    }

    @Test func `From and Date must be there, and each header once`() {
        let (from, date) = (Header("From", "a@b.example"), Header("Date", "Sat, 23 Nov 2024 22:39:00 +0700"))
        for (headers, error) in [
            ([date], MessageError.missingHeader("From")), ([from], .missingHeader("Date")),
            ([from, date, Header("from", "c@d.example")], .repeatedHeader("from")),
        ] {
            #expect(throws: error) {
                try Message(envelopeSender: "a@b.example", recipient: "c@d.example", headers: headers, text: "isi")
            }
        }
    }

    @Test func `a message tells its envelope and hides its body`() throws {
        let message = try sampleMessage(text: "https://pulih.example/reset/rahasia")
        var dumped = ""
        dump(message, to: &dumped)
        #expect("\(message)" == "message from bounces@pulih.example to siti@bank.example")
        #expect(!dumped.contains("rahasia"))
    }
}
