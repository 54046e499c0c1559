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
        "of other systems are understood",
        arguments: [
            "otpauth://totp/ACME%20Co:john.doe@email.com?secret=\(base32)&issuer=ACME%20Co&algorithm=SHA1&digits=6&period=30",
            "otpauth://totp/ACME%20Co%3Ajohn.doe%40email.com?secret=\(base32)",
            "otpauth://totp/ACME%20Co:%20john.doe%40email.com?secret=\(base32)",
            "otpauth://totp/john.doe@email.com?issuer=ACME%20Co&secret=\(base32.lowercased())",
            "OTPAUTH://TOTP/ACME%20Co:john.doe@email.com?secret=\(base32)&image=https%3A%2F%2Fexample.com%2Fa.png",
            "otpauth://totp/ACME%20Co:john.doe@email.com?digits=6&&secret=\(base32)&algorithm=sha1&",
        ])
    func others(_ text: String) throws {
        let uri = try OTPAuthURI(parsing: text)
        #expect(uri.issuer == "ACME Co")
        #expect(uri.account == "john.doe@email.com")
        #expect(uri.secret == Self.secret)
        #expect(uri.parameters == .standard)
    }

    @Test(
        "that are wrong are refused with their reason",
        arguments: [
            ("", .notOTPAuth),
            ("https://totp/a?secret=\(base32)", .notOTPAuth),
            ("otpauth:/totp/a?secret=\(base32)", .notOTPAuth),
            (" otpauth://totp/a?secret=\(base32)", .notOTPAuth),
            ("otpauth://hotp/a?secret=\(base32)&counter=1", .unsupportedKind("hotp")),
            ("otpauth://", .unsupportedKind("")),
            ("otpauth://totp?secret=\(base32)", .badName("")),
            ("otpauth://totp/?secret=\(base32)", .badName("")),
            ("otpauth://totp/Pulih:?secret=\(base32)", .badName("")),
            ("otpauth://totp/:siti?secret=\(base32)", .badName("")),
            ("otpauth://totp/a:b:c?secret=\(base32)", .badName("b:c")),
            ("otpauth://totp/a%0Ab?secret=\(base32)", .badName("a\nb")),
            ("otpauth://totp/a%00?secret=\(base32)", .badName("a\0")),
            ("otpauth://totp/siti?secret=\(base32)&issuer=", .badName("")),
            ("otpauth://totp/a", .missing(parameter: "secret")),
            ("otpauth://totp/a?", .missing(parameter: "secret")),
            ("otpauth://totp/a?Secret=\(base32)", .missing(parameter: "secret")),
            ("otpauth://totp/a?secret", .secretLength(bytes: 0)),
            ("otpauth://totp/a?secret=JBSWY3DPEHPK3PXP", .secretLength(bytes: 10)),
            ("otpauth://totp/a?secret=\(base32)0", .malformedSecret),
            ("otpauth://totp/a?secret=\(base32)&secret=\(base32)", .repeated(parameter: "secret")),
            ("otpauth://totp/a?secret=\(base32)&digits=6&digits=8", .repeated(parameter: "digits")),
            ("otpauth://totp/a?secret=\(base32)&%64igits=6&digits=8", .repeated(parameter: "digits")),
            ("otpauth://totp/a b?secret=\(base32)", .malformedEncoding),
            ("otpauth://totp/a%2?secret=\(base32)", .malformedEncoding),
            ("otpauth://totp/a%zz?secret=\(base32)", .malformedEncoding),
            ("otpauth://totp/a%+1?secret=\(base32)", .malformedEncoding),
            ("otpauth://totp/a%C3?secret=\(base32)", .malformedEncoding),
            ("otpauth://totp/a%ED%A0%80?secret=\(base32)", .malformedEncoding),
            ("otpauth://totp/é?secret=\(base32)", .malformedEncoding),
            ("otpauth://totp/a?secret=\(base32)#x", .malformedEncoding),
            ("otpauth://totp/a?secret=\(base32)\r\n", .malformedEncoding),
            (
                "otpauth://totp/Pulih:siti?secret=\(base32)&issuer=Other",
                .conflictingIssuers(label: "Pulih", parameter: "Other")
            ),
            (
                "otpauth://totp/%C3%A9:siti?secret=\(base32)&issuer=e%CC%81",
                .conflictingIssuers(label: "é", parameter: "e\u{301}")
            ),
            ("otpauth://totp/a?secret=\(base32)&algorithm=MD5", .unsupported(parameter: "algorithm", value: "MD5")),
            ("otpauth://totp/a?secret=\(base32)&digits=7", .unsupported(parameter: "digits", value: "7")),
            ("otpauth://totp/a?secret=\(base32)&digits=%2B6", .unsupported(parameter: "digits", value: "+6")),
            ("otpauth://totp/a?secret=\(base32)&digits=06", .unsupported(parameter: "digits", value: "06")),
            ("otpauth://totp/a?secret=\(base32)&digits=", .unsupported(parameter: "digits", value: "")),
            ("otpauth://totp/a?secret=\(base32)&period=0", .unsupported(parameter: "period", value: "0")),
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
