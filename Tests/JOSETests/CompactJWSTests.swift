import Cryptography
import Foundation
import Support
import Testing
import Threading

@testable import JOSE

@Suite("Signatures as compact JWS")
struct CompactJWSTests {
    private static let ec = PrivateKey.generate(.es256)
    private static let rsa = PrivateKey.generate(.rs256)
    private static let keys = [ec.publicKey, rsa.publicKey]
    private static let both = [ec, rsa]
    private static let payload = Array(#"{"sub":"budi"}"#.utf8)

    @Test("The tokens of RFC 7515, appendices A.2 and A.3, are verified")
    func published() throws {
        for (token, jwk) in [(Vectors.rsaToken, Vectors.rsaKey), (Vectors.ecToken, Vectors.ecKey)] {
            let key = try PublicKey(jwk: jwk)
            let verified = try ParsedJWS(token).verified(by: key)
            #expect(String(decoding: verified.payload, as: UTF8.self) == Vectors.text)
            #expect(verified.type == nil)
            // They name no key.
            #expect(throws: JOSEError.unknownKey) { try CompactJWS.verify(token, with: [key]) }
        }
    }

    @Test("What is signed is verified: type, key and payload, also an empty one and one with a zero byte")
    func roundTrip() throws {
        for key in Self.both {
            for payload in [Self.payload, [], [0], [UInt8](repeating: 0xFF, count: 5000)] {
                let token = key.sign(payload, type: "at+jwt")
                let expected = CompactJWS.Verified(type: "at+jwt", keyID: key.id, payload: payload)
                #expect(try CompactJWS.verify(token, with: Self.keys) == expected)
            }
            let header = try #require(Self.decoded(key.sign([], type: "JWT"), 0))
            #expect(header == #"{"alg":"\#(key.algorithm.rawValue)","kid":"\#(key.id)","typ":"JWT"}"#)
        }
    }

    @Test("Every changed character is noticed, in header, payload and signature")
    func changed() throws {
        let token = Array(Self.ec.sign(Self.payload, type: "JWT").utf8)
        for index in token.indices {
            for other in [UInt8(ascii: "A"), UInt8(ascii: "z"), UInt8(ascii: "."), UInt8(ascii: "=")]
            where other != token[index] {
                var altered = token
                altered[index] = other
                #expect(throws: JOSEError.self, "\(index)") {
                    try CompactJWS.verify(String(decoding: altered, as: UTF8.self), with: Self.keys)
                }
            }
        }
    }

    @Test("No algorithm but the key's own: not none, no MAC made of the public key, not the other key's")
    func confusion() throws {
        for key in Self.both {
            let body = Base64URL.encode(Self.payload)
            let none = Self.header(#"{"alg":"none","kid":"\#(key.id)"}"#)
            #expect(throws: JOSEError.wrongAlgorithm) { try Self.verify("\(none).\(body).") }
            #expect(throws: JOSEError.wrongAlgorithm) { try Self.verify("\(none).\(body).AAAA") }
            let mac = Self.header(#"{"alg":"HS256","kid":"\#(key.id)"}"#)
            let code = HMAC.code(
                .sha256, key: Array(key.publicKey.jwk.utf8), message: Array("\(mac).\(body)".utf8))
            #expect(throws: JOSEError.wrongAlgorithm) { try Self.verify("\(mac).\(body).\(Base64URL.encode(code))") }
            for algorithm in ["ES256", "RS256", "ES384", "RS512", "PS256", "HS512", "es256"] {
                let other = Self.header(#"{"alg":"\#(algorithm)","kid":"\#(key.id)"}"#)
                let signature = key.sign(Self.payload, type: "JWT").split(separator: ".")[2]
                #expect(throws: JOSEError.self) { try Self.verify("\(other).\(body).\(signature)") }
            }
        }
    }

    @Test("A key that is not in the set, or is not named, verifies nothing; nor does another under its name")
    func unknown() throws {
        let stranger = PrivateKey.generate(.es256)
        let token = stranger.sign(Self.payload, type: "JWT")
        #expect(throws: JOSEError.unknownKey) { try Self.verify(token) }
        #expect(throws: JOSEError.unknownKey) { try CompactJWS.verify(token, with: []) }
        let named = stranger.jwk.replacingOccurrences(of: stranger.id, with: Self.ec.id)
        let forged = try PrivateKey(jwk: named).sign(Self.payload, type: "JWT")
        #expect(throws: JOSEError.badSignature) { try Self.verify(forged) }
        let parts = Self.ec.sign(Self.payload, type: "JWT").split(separator: ".")
        for header in [#"{"alg":"ES256"}"#, #"{"alg":"ES256","kid":1}"#, #"{"alg":"ES256","kid":""}"#] {
            #expect(throws: JOSEError.unknownKey) { try Self.verify("\(Self.header(header)).\(parts[1]).\(parts[2])") }
        }
    }

    @Test("A header that wants more than is understood here is refused before its signature is looked at")
    func critical() throws {
        let parts = Self.ec.sign(Self.payload, type: "JWT").split(separator: ".")
        for critical in [#"["b64"]"#, "[]", "null", #""x""#] {
            let header = Self.header(#"{"alg":"ES256","kid":"\#(Self.ec.id)","crit":\#(critical),"b64":false}"#)
            #expect(throws: JOSEError.unsupported) { try Self.verify("\(header).\(parts[1]).\(parts[2])") }
        }
    }

    @Test("What is no compact JWS of base64url without padding is refused, and what is too long is not read")
    func malformed() throws {
        let token = Self.ec.sign(Self.payload, type: "JWT")
        let parts = token.split(separator: ".").map(String.init)
        let texts = [
            "", ".", "..", "...", "a.b", "\(token).", ".\(token)", "\(token).AAAA", " \(token)", "\(token)\n",
            "\(token)=",
            "\(parts[0]).\(parts[1])", "A=.\(parts[1]).\(parts[2])", "\(parts[0])=.\(parts[1]).\(parts[2])",
            ".\(parts[1]).\(parts[2])", "é.\(parts[1]).\(parts[2])", "\(token)\0", "\(parts[0]).\(parts[1]).\0",
        ]
        for text in texts { #expect(throws: JOSEError.malformed, "\(text)") { try Self.verify(text) } }
        for header in ["", "1", "null", "[]", "\"x\"", "{", "{}", #"{"alg":1}"#, "{\"alg\":\"ES256\"}x", "\u{0}"] {
            #expect(throws: JOSEError.malformed, "\(header)") {
                try Self.verify("\(Self.header(header)).\(parts[1]).\(parts[2])")
            }
        }
        let long = Self.ec.sign([UInt8](repeating: 0x20, count: CompactJWS.maximumLength), type: "JWT")
        #expect(throws: JOSEError.tooLong) { try Self.verify(long) }
    }

    @Test("A signature has one length: a byte more or less, and none, are refused")
    func lengths() throws {
        for key in Self.both {
            let parts = key.sign(Self.payload, type: "JWT").split(separator: ".").map(String.init)
            let signature = try #require(Base64URL.decode(parts[2]))
            for other in [signature + [0], [0] + signature, signature.dropLast(), [], signature + signature] {
                #expect(throws: JOSEError.badSignature) {
                    try Self.verify("\(parts[0]).\(parts[1]).\(Base64URL.encode(Array(other)))")
                }
            }
        }
    }

    @Test("One key signs and verifies in many threads at a time")
    func parallel() throws {
        let wrong = Monitor(0)
        let threads = (0..<8).map { number in
            Thread(name: "signer-\(number)") {
                for round in 0..<50 {
                    let payload = Array("\(number) \(round)".utf8)
                    for key in Self.both {
                        let verified = try? Self.verify(key.sign(payload, type: "JWT"))
                        if verified?.payload != payload { wrong.withLock { $0 += 1 } }
                    }
                }
            }
        }
        for thread in threads { thread.join() }
        #expect(wrong.withLock { $0 } == 0)
    }

    @Test("Neither signatures nor refusals leave memory behind")
    func memory() async {
        // In a process of its own, where no other test takes memory.
        await #expect(processExitsWith: .success) {
            let key = PrivateKey.generate(.es256)
            let token = key.sign([1, 2, 3], type: "JWT")
            let critical = Base64URL.encode(Array(#"{"alg":"ES256","kid":"\#(key.id)","crit":["b64"]}"#.utf8))
            let texts = [token, "\(token.dropLast(4))AAAA", "a.b.c", "\(critical).AAAA.AAAA"]
            let repeated = { (count: Int) in
                for _ in 0..<count {
                    _ = key.sign([1, 2, 3], type: "JWT")
                    for text in texts { _ = try? CompactJWS.verify(text, with: [key.publicKey]) }
                }
            }
            // The allocator keeps something for next time, and then no more. A lost header would be some 300 bytes each
            // time, 600 KiB a round, for ever.
            let grown = try (0..<8).map { _ in
                let before = try residentKiB()
                repeated(2000)
                return try residentKiB() - before
            }
            try #require(grown.contains { $0 < 100 }, "\(grown)")
        }
    }

    private static func verify(_ token: String) throws -> CompactJWS.Verified {
        try CompactJWS.verify(token, with: keys)
    }

    private static func header(_ text: String) -> String { Base64URL.encode(Array(text.utf8)) }

    private static func decoded(_ token: String, _ segment: Int) -> String? {
        Base64URL.decode(String(token.split(separator: ".")[segment])).map { String(decoding: $0, as: UTF8.self) }
    }
}

private func residentKiB() throws -> Int {
    let status = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
    return try #require(status.firstMatch(of: /VmRSS:\s+(\d+)/).flatMap { Int($0.output.1) })
}
