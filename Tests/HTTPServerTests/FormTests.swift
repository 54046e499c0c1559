import HTTPServer
import Support
import Testing

@Suite struct FormTests {
    private static func form(
        _ body: String, type: String = "application/x-www-form-urlencoded", limits: FieldLimits = FieldLimits()
    ) throws -> Fields {
        try Request(
            method: .post, target: "/", headers: Headers([Field(name: "content-type", value: type)]),
            body: Array(body.utf8)
        ).form(limits: limits)
    }

    @Test(
        "A form is read",
        arguments: [
            ("", []),
            ("a=1", [("a", "1")]),
            ("a=1&b=2&a=3", [("a", "1"), ("b", "2"), ("a", "3")]),
            ("&&a=1&&", [("a", "1")]),
            ("a", [("a", "")]),
            ("a=", [("a", "")]),
            ("=1", [("", "1")]),
            ("a=b=c", [("a", "b=c")]),
            ("a+b=c+d", [("a b", "c d")]),
            ("a%2Bb=%2b", [("a+b", "+")]),
            ("a%26b%3D=%26", [("a&b=", "&")]),
            ("a=%F0%9F%94%91", [("a", "🔑")]),
            ("a=%0D%0A", [("a", "\r\n")]),
            ("email[]=x", [("email[]", "x")]),
            ("email%5B%5D=x", [("email[]", "x")]),
        ] as [(String, [(String, String)])])
    func read(_ body: String, _ expected: [(String, String)]) throws {
        #expect(try Self.form(body).pairs == expected.map { Field(name: $0, value: $1) })
    }

    @Test(
        "A malformed form is refused",
        arguments: [
            "a=%", "a=%4", "a=%4g", "a=%%41", "%zz=1", "a=%00", "a%00=1", "a=x%00y", "a=%ff", "a=%c0%80", "a=%e2%82",
            "a=%ed%a0%80", "a=%f5%80%80%80",
        ])
    func malformed(_ body: String) {
        #expect(throws: RequestError.malformedEncoding) { try Self.form(body) }
    }

    @Test("Raw bytes that are not UTF-8, and a raw NUL, are refused", arguments: [[0xff], [0xc3], [0x00]] as [[UInt8]])
    func rawBytes(_ value: [UInt8]) throws {
        let type = Field(name: "content-type", value: "application/x-www-form-urlencoded")
        let request = try Request(
            method: .post, target: "/", headers: Headers([type]), body: Array("a=".utf8) + value)
        #expect(throws: RequestError.malformedEncoding) { try request.form() }
    }

    @Test("A name that comes twice is not picked by chance")
    func repeated() throws {
        let form = try Self.form("email=a&email=b&user=c")
        #expect(throws: RequestError.repeatedField("email")) { try form.single("email") }
        #expect(throws: RequestError.repeatedField("email")) { try form.optional("email") }
        #expect(form.values("email") == ["a", "b"])
        #expect(try form.single("user") == "c")
    }

    @Test("A name that is not there is told from an empty value")
    func missing() throws {
        let form = try Self.form("email[]=a&user=")
        #expect(throws: RequestError.missingField("email")) { try form.single("email") }
        #expect(try form.optional("email") == nil)
        #expect(try form.single("user") == "")
    }

    @Test("Names are compared byte for byte: the Kelvin sign is no K, and é is not e with an accent")
    func bytewise() throws {
        let form = try Self.form("%E2%84%AA=kelvin&e%CC%81=decomposed")
        #expect(try form.optional("K") == nil)
        #expect(try form.optional("\u{e9}") == nil)
        #expect(try form.single("\u{212A}") == "kelvin")
    }

    @Test("Limits count fields and decoded bytes")
    func limits() throws {
        var limits = FieldLimits()
        (limits.count, limits.nameLength, limits.valueLength) = (2, 3, 4)
        #expect(try Self.form("abc=%41bcd&x=", limits: limits).pairs.count == 2)
        #expect(throws: RequestError.tooManyFields) { try Self.form("a&b&c", limits: limits) }
        #expect(throws: RequestError.fieldTooLong) { try Self.form("a=abcde", limits: limits) }
        #expect(throws: RequestError.fieldTooLong) { try Self.form("abcd=", limits: limits) }
        #expect(RequestError.fieldTooLong.status == 413)
    }

    @Test("Only the type that browsers send by default is a form")
    func type() throws {
        #expect(try Self.form("a=1", type: "Application/X-WWW-Form-Urlencoded ; charset=UTF-8").pairs.count == 1)
        for type in ["multipart/form-data; boundary=x", "text/plain", "", "application/x-www-form-urlencodedx"] {
            #expect(throws: RequestError.unsupportedForm) { try Self.form("a=1", type: type) }
        }
    }

    @Test("What a browser encodes is decoded to the same text")
    func roundTrip() throws {
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<300 {
            let text = String(
                String.UnicodeScalarView(
                    (0..<20).compactMap { _ in UnicodeScalar(UInt32.random(in: 1...0x10ffff, using: &generator)) }))
            #expect(try Self.form("a=" + HTTPClient.encode(text)).single("a").utf8.elementsEqual(text.utf8))
        }
    }

    @Test("Random bytes are read or refused, and never crash")
    func noise() {
        var generator = SystemRandomNumberGenerator()
        let alphabet = Array("%&=+0aF;/?[]\0\u{80}é".utf8)
        for _ in 0..<5000 {
            let bytes = (0..<Int.random(in: 0...30, using: &generator)).map { _ in alphabet.randomElement() ?? 0 }
            let type = Field(name: "content-type", value: "application/x-www-form-urlencoded")
            let request = try? Request(
                method: .post, target: "/" + String(decoding: bytes, as: UTF8.self), headers: Headers([type]),
                body: bytes)
            _ = try? request?.form()
        }
    }
}
