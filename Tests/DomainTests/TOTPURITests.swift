import Cryptography
import Domain
import Foundation
import Testing

@Suite("otpauth URIs")
struct TOTPURITests {
    private static let secret = TOTPSecret(bytes: Array("12345678901234567890".utf8))!
    private static let base32 = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"

    private func same(_ a: OTPAuthURI, _ b: OTPAuthURI) -> Bool {
        a.issuer.map { Array($0.utf8) } == b.issuer.map { Array($0.utf8) }
            && a.account.utf8.elementsEqual(b.account.utf8)
            && a.secret == b.secret && a.parameters == b.parameters
    }

    @Test("say everything, percent-encoded")
    func text() throws {
        let plain = try OTPAuthURI(issuer: "Pulih", account: "siti", secret: Self.secret, parameters: .standard)
        #expect(
            plain.text
                == "otpauth://totp/Pulih:siti?secret=\(Self.base32)&issuer=Pulih&algorithm=SHA1&digits=6&period=30")
        let odd = try OTPAuthURI(
            issuer: "Toko Kopi & Téh", account: "siti+dev@example.id", secret: Self.secret,
            parameters: TOTPParameters(algorithm: .sha512, digits: 8, period: 60))
        #expect(
            odd.text == """
                otpauth://totp/Toko%20Kopi%20%26%20T%C3%A9h:siti%2Bdev%40example.id?secret=\(Self.base32)\
                &issuer=Toko%20Kopi%20%26%20T%C3%A9h&algorithm=SHA512&digits=8&period=60
                """)
    }

    @Test("leave out an issuer that is not known")
    func noIssuer() throws {
        let uri = try OTPAuthURI(issuer: nil, account: "siti", secret: Self.secret, parameters: .standard)
        #expect(uri.text == "otpauth://totp/siti?secret=\(Self.base32)&algorithm=SHA1&digits=6&period=30")
        #expect(same(try OTPAuthURI(parsing: uri.text), uri))
    }

    @Test("read back as they were written, and are URIs to Foundation too")
    func roundTrip() throws {
        let names = [
            "a", "Pulih", "with space", "a+b@c.d", "100%", "%41", "a&b=c?d#e/f", "日本語", "é", "e\u{301}", "👩‍💻",
            "\"<>\\^`{|}",
            "\u{212A}", String(repeating: "x", count: 255),
        ]
        for issuer in names.map(Optional.some) + [nil] {
            for account in names {
                for algorithm in HashAlgorithm.allCases {
                    let uri = try OTPAuthURI(
                        issuer: issuer, account: account, secret: TOTPSecret(random: SystemRandom()),
                        parameters: TOTPParameters(algorithm: algorithm, digits: 8, period: 45))
                    #expect(uri.text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F })
                    #expect(same(try OTPAuthURI(parsing: uri.text), uri), "\(uri)")
                    let items = URLComponents(string: uri.text)?.queryItems
                    #expect(items?.first { $0.name == "secret" }?.value == uri.secret.base32)
                    #expect(items?.first { $0.name == "issuer" }?.value == issuer)
                }
            }
        }
    }

    @Test(
        "names that an app would misread are refused",
        arguments: ["", "a:b", ":", "a\nb", "a\r\nb", "\0", "a\u{7F}", String(repeating: "x", count: 256)])
    func names(_ name: String) {
        #expect(throws: OTPAuthURIError.badName(name)) {
            try OTPAuthURI(issuer: "Pulih", account: name, secret: Self.secret, parameters: .standard)
        }
        #expect(throws: OTPAuthURIError.badName(name)) {
            try OTPAuthURI(issuer: name, account: "siti", secret: Self.secret, parameters: .standard)
        }
    }

    @Test(
        "of other systems are understood, however they are written",
        arguments: [
            "otpauth://totp/ACME%20Co:john.doe@email.com?secret=\(base32)&issuer=ACME%20Co&algorithm=SHA1&digits=6&period=30",
            "otpauth://totp/ACME%20Co%3Ajohn.doe%40email.com?secret=\(base32)",
            "otpauth://totp/ACME%20Co:%20john.doe%40email.com?secret=\(base32)",
            "otpauth://totp/john.doe@email.com?issuer=ACME%20Co&secret=\(base32.lowercased())",
            "OTPAUTH://TOTP/ACME%20Co:john.doe@email.com?secret=\(base32)&image=https%3A%2F%2Fexample.com%2Fa.png",
            "otpauth://totp/ACME%20Co:john.doe@email.com?digits=6&&secret=\(base32)&algorithm=sha1&",
            "otpauth://totp/ACME Co:john.doe@email.com?secret=\(base32)",
            "otpauth://totp/john.doe@email.com?issuer=ACME+Co&secret=\(base32)====&digits=&period=&algorithm=",
            "  otpauth://totp/ACME%20Co:john.doe@email.com?Secret=\(base32)&ALGORITHM=SHA-1&Digits=06#x\r\n",
            "otpauth://totp/ACME%20Co:john.doe@email.com?secret=GEZD+GNBV+GY3T+QOJQ+GEZD+GNBV+GY3T+QOJQ",
            "otpauth://totp/ACME%20Co:john.doe@email.com?secret=gezd%20gnbv-gy3t-qojq%20gezdgnbvgy3tqojq&algorithm=HmacSHA1",
            "otpauth://totp/Other:john.doe@email.com?secret=\(base32)&issuer=ACME%20Co",
            "otpauth://totp/ACME%20Co:john.doe@email.com?secret=\(base32)&amp;issuer=ACME%20Co&amp;digits=6",
            "otpauth://totp/ACME%20Co:john.doe@email.com?secret=\(base32)&secret=\(base32)&counter=7&unknown=%zz",
        ])
    func others(_ text: String) throws {
        let uri = try OTPAuthURI(parsing: text)
        #expect(uri.issuer == "ACME Co")
        #expect(uri.account == "john.doe@email.com")
        #expect(uri.secret == Self.secret)
        #expect(uri.parameters == .standard)
    }

    @Test(
        "names need not be right: they decide nothing",
        arguments: [
            ("totp", nil, ""), ("totp/", nil, ""), ("totp/:siti", "", "siti"), ("totp/Pulih:", "Pulih", ""),
            ("totp/a:b:c", "a", "b:c"), ("totp/%C3%A9%20\u{e9}", nil, "\u{e9} \u{e9}"), ("totp/a%0A%00b", nil, "ab"),
            ("totp/a%2", nil, "a%2"), ("totp/a%zz", nil, "a%zz"), ("totp/a%C3", nil, "a\u{FFFD}"),
            ("totp/日本:語", "日本", "語"),
        ] as [(String, String?, String)])
    func names(path: String, issuer: String?, account: String) throws {
        let uri = try OTPAuthURI(parsing: "otpauth://\(path)?secret=\(Self.base32)")
        #expect(uri.issuer == issuer)
        #expect(uri.account.utf8.elementsEqual(account.utf8))
        #expect(uri.secret == Self.secret)
    }

    @Test(
        "parameters are what apps make codes with",
        arguments: [
            ("algorithm=SHA256", .sha256, 6, 30), ("algorithm=HmacSHA256", .sha256, 6, 30),
            ("algorithm=hmac-sha-512", .sha512, 6, 30), ("ALGORITHM=Sha_512&digits=8", .sha512, 8, 30),
            ("digits=7", .sha1, 7, 30), ("digits=8&period=60", .sha1, 8, 60), ("period=15", .sha1, 6, 15),
            ("period=300", .sha1, 6, 300), ("%64igits=8", .sha1, 8, 30),
        ] as [(String, HashAlgorithm, Int, Int)])
    func parameters(query: String, algorithm: HashAlgorithm, digits: Int, period: Int) throws {
        let uri = try OTPAuthURI(parsing: "otpauth://totp/a?secret=\(Self.base32)&\(query)")
        #expect(uri.parameters == (try TOTPParameters(algorithm: algorithm, digits: digits, period: period)))
    }

    @Test(
        "secrets are read as oathtool reads them, whatever hangs loose at the end",
        arguments: [
            ("JBSWY3DPEHPK3PXP", 10), ("jbsw y3dp ehpk 3pxp", 10), ("JBSWY3DPEHPK3PXP======", 10),
            ("JBSWY3DPEHPK3PXPJ", 10), ("GEZDGNBVGY3TQOJQGEZDGNBVGZ", 16), ("GEZDGNBVGY3TQOJQGEZDGNBVGY======", 16),
        ])
    func secrets(text: String, bytes: Int) throws {
        let authenticator = try Authenticator(reading: text)
        #expect(authenticator.secret.bytes.count == bytes)
        #expect(authenticator.parameters == .standard)
        #expect(authenticator.secret.isWeak == (bytes < 16))
        let encoded = text.filter { $0 != " " }
        #expect(try Authenticator(reading: "otpauth://totp/?secret=\(encoded)") == authenticator)
    }

    @Test(
        "that cannot work are refused for what they are",
        arguments: [
            ("", .notOTPAuth),
            ("https://totp/a?secret=\(base32)", .notOTPAuth),
            ("otpauth://hotp/a?secret=\(base32)&counter=1", .unsupportedKind("hotp")),
            ("otpauth://", .unsupportedKind("")),
            ("otpauth://steam/Steam:a?secret=\(base32)", .unsupportedKind("steam")),
            ("otpauth://totp/Steam:a?secret=\(base32)&issuer=Steam&digits=5", .unsupportedKind("steam")),
            ("otpauth://totp/a?secret=\(base32)&encoder=steam", .unsupportedKind("steam")),
            ("steam://\(base32)", .unsupportedKind("steam")),
            ("otpauth-migration://offline?data=CjEKCkhlbGxv", .unsupportedKind("otpauth-migration")),
            ("otpauth://totp/a", .missing(parameter: "secret")),
            ("otpauth://totp/a?", .missing(parameter: "secret")),
            ("otpauth://totp/a?secret", .missing(parameter: "secret")),
            ("otpauth://totp/a?secret=", .missing(parameter: "secret")),
            ("otpauth://totp/a?secret=JBSWY3DPEHPK3PX", .secretLength(bytes: 9)),
            ("otpauth://totp/a?secret=\(base32)0", .malformedSecret),
            ("otpauth://totp/a?secret=\(base32)&secret=\(base32)AA", .repeated(parameter: "secret")),
            ("otpauth://totp/a?secret=\(base32)&digits=6&digits=8", .repeated(parameter: "digits")),
            ("otpauth://totp/a?secret=\(base32)&%64igits=6&DIGITS=8", .repeated(parameter: "digits")),
            ("otpauth://totp/a?secret=\(base32)&algorithm=MD5", .unsupported(parameter: "algorithm", value: "MD5")),
            ("otpauth://totp/a?secret=\(base32)&digits=5", .unsupported(parameter: "digits", value: "5")),
            ("otpauth://totp/a?secret=\(base32)&digits=9", .unsupported(parameter: "digits", value: "9")),
            ("otpauth://totp/a?secret=\(base32)&digits=%2B6", .unsupported(parameter: "digits", value: "+6")),
            ("otpauth://totp/a?secret=\(base32)&period=0", .unsupported(parameter: "period", value: "0")),
            ("otpauth://totp/a?secret=\(base32)&period=14", .unsupported(parameter: "period", value: "14")),
            ("otpauth://totp/a?secret=\(base32)&period=301", .unsupported(parameter: "period", value: "301")),
            ("otpauth://totp/a?secret=\(base32)&period=1e1", .unsupported(parameter: "period", value: "1e1")),
            (
                "otpauth://totp/a?secret=\(base32)&period=99999999999999999999",
                .unsupported(parameter: "period", value: "99999999999999999999")
            ),
            ("otpauth://totp/\(String(repeating: "a", count: 5000))?secret=\(base32)", .tooLong),
        ] as [(String, OTPAuthURIError)])
    func refusals(text: String, error: OTPAuthURIError) {
        #expect(throws: error) { try OTPAuthURI(parsing: text) }
        #expect(!"\(error)".contains("GEZD"))
    }
}
