import Cryptography
import Testing

@Suite("HMAC")
struct HMACTests {
    struct Vector: Sendable, CustomTestStringConvertible {
        let algorithm: HashAlgorithm
        let key: [UInt8]
        let message: [UInt8]
        let code: String

        var testDescription: String { "\(algorithm) \(code.prefix(8))" }

        init(_ algorithm: HashAlgorithm, key: [UInt8], message: [UInt8], _ code: String) {
            (self.algorithm, self.key, self.message, self.code) = (algorithm, key, message, code)
        }
    }

    private static func repeated(_ byte: UInt8, _ count: Int) -> [UInt8] { .init(repeating: byte, count: count) }
    private static let counting = Array(UInt8(1)...25)
    private static let longKeyText = ascii("Test Using Larger Than Block-Size Key - Hash Key First")

    /// RFC 2202, section 3.
    static let sha1: [Vector] = [
        Vector(
            .sha1, key: repeated(0x0B, 20), message: ascii("Hi There"), "b617318655057264e28bc0b6fb378c8ef146be00"),
        Vector(
            .sha1, key: ascii("Jefe"), message: ascii("what do ya want for nothing?"),
            "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79"),
        Vector(
            .sha1, key: repeated(0xAA, 20), message: repeated(0xDD, 50), "125d7342b9ac11cd91a39af48aa17b4f63f175d3"),
        Vector(.sha1, key: counting, message: repeated(0xCD, 50), "4c9007f4026250c6bc8414f9bf50c86c2d7235da"),
        Vector(.sha1, key: repeated(0xAA, 80), message: longKeyText, "aa4ae5e15272d00e95705637ce8a3b55ed402112"),
    ]

    /// RFC 4231, section 4: test cases 1 to 4 and 6.
    static let sha2: [Vector] = [
        Vector(
            .sha256, key: repeated(0x0B, 20), message: ascii("Hi There"),
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"),
        Vector(
            .sha256, key: ascii("Jefe"), message: ascii("what do ya want for nothing?"),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"),
        Vector(
            .sha256, key: repeated(0xAA, 20), message: repeated(0xDD, 50),
            "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"),
        Vector(
            .sha256, key: counting, message: repeated(0xCD, 50),
            "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b"),
        Vector(
            .sha256, key: repeated(0xAA, 131), message: longKeyText,
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"),
        Vector(
            .sha512, key: repeated(0x0B, 20), message: ascii("Hi There"),
            """
            87aa7cdea5ef619d4ff0b4241a1d6cb02379f4e2ce4ec2787ad0b30545e17cde\
            daa833b7d6b8a702038b274eaea3f4e4be9d914eeb61f1702e696c203a126854
            """),
        Vector(
            .sha512, key: ascii("Jefe"), message: ascii("what do ya want for nothing?"),
            """
            164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea250554\
            9758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737
            """),
    ]

    @Test("matches the published vectors", arguments: sha1 + sha2)
    func vectors(_ vector: Vector) {
        #expect(HMAC.code(vector.algorithm, key: vector.key, message: vector.message) == hex(vector.code))
    }

    @Test("an empty key is an empty key, not the key of last time")
    func emptyKey() {
        let expected = hex("b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad")
        for _ in 0..<20 {
            _ = HMAC.code(.sha256, key: ascii("another key"), message: ascii("message"))
            #expect(HMAC.code(.sha256, key: [], message: []) == expected)
        }
    }

    @Test("a kept key gives the same codes as a new one for each message", arguments: HashAlgorithm.allCases)
    func keptKey(_ algorithm: HashAlgorithm) {
        let key = ascii("a key that several messages share")
        let keyed = KeyedHMAC(algorithm, key: key)
        for length in 0..<200 {
            let message = [UInt8](repeating: UInt8(length), count: length)
            #expect(keyed.code(for: message) == HMAC.code(algorithm, key: key, message: message))
        }
    }

    @Test("threads do not share a key by accident")
    func parallel() async {
        let expected = (0..<64).map { HMAC.code(.sha1, key: [UInt8($0)], message: [UInt8($0)]) }
        await withTaskGroup(of: Bool.self) { group in
            for index in 0..<64 {
                group.addTask {
                    (0..<500).allSatisfy { _ in
                        HMAC.code(.sha1, key: [UInt8(index)], message: [UInt8(index)]) == expected[index]
                    }
                }
            }
            for await same in group { #expect(same) }
        }
    }
}
