import Cryptography
import Domain
import Testing

@Suite("TOTP codes")
struct TOTPCodeTests {
    /// RFC 6238, appendix B: seconds, and the codes of SHA-1, SHA-256 and SHA-512. The seeds are those of the
    /// appendix's program, as long as each hash; the table's text names only the shortest.
    static let vectors: [(seconds: Int64, sha1: String, sha256: String, sha512: String)] = [
        (59, "94287082", "46119246", "90693936"),
        (1_111_111_109, "07081804", "68084774", "25091201"),
        (1_111_111_111, "14050471", "67062674", "99943326"),
        (1_234_567_890, "89005924", "91819424", "93441116"),
        (2_000_000_000, "69279037", "90698825", "38618901"),
        (20_000_000_000, "65353130", "77737706", "47863826"),
    ]

    private func seed(_ length: Int) throws -> TOTPSecret {
        let digits = Array("1234567890".utf8)
        return try #require(TOTPSecret(bytes: (0..<length).map { digits[$0 % 10] }))
    }

    @Test("match RFC 6238, appendix B", arguments: vectors)
    func rfc6238(_ vector: (seconds: Int64, sha1: String, sha256: String, sha512: String)) throws {
        let step = TOTP.step(at: vector.seconds * 1000, period: 30)
        for (algorithm, expected) in [
            (HashAlgorithm.sha1, vector.sha1), (.sha256, vector.sha256), (.sha512, vector.sha512),
        ] {
            let secret = try seed(algorithm.byteCount)
            let eight = try TOTPParameters(algorithm: algorithm, digits: 8)
            #expect(TOTP.code(secret: secret, parameters: eight, step: step) == expected)
            let six = try TOTPParameters(algorithm: algorithm, digits: 6)
            #expect(TOTP.code(secret: secret, parameters: six, step: step) == expected.suffix(6))
        }
    }

    @Test("match RFC 4226, appendix D")
    func rfc4226() throws {
        let codes = [
            "755224", "287082", "359152", "969429", "338314", "254676", "287922", "162583", "399871", "520489",
        ]
        let secret = try seed(20)
        for (counter, code) in codes.enumerated() {
            #expect(TOTP.code(secret: secret, parameters: .standard, step: TimeStep(Int64(counter))) == code)
        }
    }

    @Test(
        "a step begins at its first millisecond and ends with its last, before 1970 as well",
        arguments: [
            (0, 30, 0), (29_999, 30, 0), (30_000, 30, 1), (59_999, 60, 0), (60_000, 60, 1), (-1, 30, -1),
            (-30_000, 30, -1), (-30_001, 30, -2), (2_147_483_648_000, 30, 71_582_788),
        ] as [(Int64, Int, Int64)])
    func steps(milliseconds: Int64, period: Int, counter: Int64) {
        #expect(TOTP.step(at: milliseconds, period: period) == TimeStep(counter))
    }

    @Test("the ends of time do not trap")
    func extremes() throws {
        let secret = try seed(20)
        for moment in [Int64.min, -1, 0, Int64.max] {
            for drift in [Int.min, 0, Int.max] {
                let verdict = TOTP.verify(
                    code: "000000", secret: secret, parameters: .standard, at: moment, lastAcceptedStep: nil,
                    drift: drift)
                #expect(verdict != .malformed)
            }
        }
    }
}

@Suite("TOTP secrets and parameters")
struct TOTPSecretTests {
    @Test("ten thousand new secrets have 160 bits each and no two are alike")
    func random() {
        let secrets = (0..<10_000).map { _ in TOTPSecret(random: SystemRandom()).bytes }
        #expect(secrets.allSatisfy { $0.count == 20 })
        #expect(Set(secrets).count == secrets.count)
    }

    @Test("secrets have 10 to 128 bytes, and are weak below 16")
    func length() {
        for (count, valid) in [(0, false), (9, false), (10, true), (15, true), (16, true), (128, true), (129, false)] {
            let secret = TOTPSecret(bytes: [UInt8](repeating: 1, count: count))
            #expect((secret != nil) == valid)
            #expect(secret?.isWeak == (valid ? count < 16 : nil))
        }
    }

    @Test("a secret's typing form reads back as the same secret")
    func manualKey() throws {
        let secret = try #require(TOTPSecret(bytes: Array("12345678901234567890".utf8)))
        #expect(secret.base32 == "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ")
        #expect(secret.manualKey == "GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ")
        #expect(Base32.decode(secret.manualKey.lowercased()) == secret.bytes)
    }

    @Test("no description shows a secret")
    func redacted() throws {
        let secret = try #require(TOTPSecret(bytes: Array("12345678901234567890".utf8)))
        let uri = try OTPAuthURI(issuer: "Pulih", account: "siti", secret: secret, parameters: .standard)
        var dumped = ""
        dump(uri, to: &dumped)
        for text in ["\(secret)", String(reflecting: secret), "\([secret])", "\(uri)", String(reflecting: uri), dumped]
        {
            #expect(text.contains("TOTPSecret(…)"))
            #expect(!text.contains("GEZD"))
            // The first byte, as an array and as a dump would show it.
            #expect(!text.contains("49, 50") && !text.contains("- 49"))
        }
    }

    @Test("parameters other than 6 to 8 digits and 15 to 300 seconds are refused with a sentence")
    func parameters() throws {
        for digits in [-6, 0, 5, 9] {
            #expect(throws: TOTPParametersError.digits(digits)) { try TOTPParameters(digits: digits) }
        }
        for period in [Int.min, -30, 0, 14, 301, Int.max] {
            #expect(throws: TOTPParametersError.period(period)) { try TOTPParameters(period: period) }
        }
        #expect(try TOTPParameters() == .standard)
        #expect("\(TOTPParametersError.digits(5))" == "A code has 6 to 8 digits, not 5.")
    }
}
