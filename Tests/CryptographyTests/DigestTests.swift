import Cryptography
import Testing

@Suite("Digest, constant-time comparison and randomness")
struct DigestTests {
    /// The examples of FIPS 180-4 (NIST, "Secure Hash Standard examples") and the empty message.
    @Test(
        "SHA-256 matches the published examples",
        arguments: [
            ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
            ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
            (
                "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
                "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
            ),
        ])
    func sha256(message: String, digest: String) {
        #expect(Digest.sha256(ascii(message)) == hex(digest))
    }

    @Test("SHA-256 of a million letters matches the published example")
    func million() {
        #expect(
            Digest.sha256([UInt8](repeating: UInt8(ascii: "a"), count: 1_000_000))
                == hex("cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"))
    }

    @Test("comparison finds every single flipped bit, and every other length")
    func comparison() {
        let bytes = Array(UInt8(0)..<40)
        #expect(constantTimeEqual(bytes, Array(UInt8(0)..<40)))
        #expect(constantTimeEqual([], []))
        for other in everyFlippedBit(of: bytes) { #expect(!constantTimeEqual(bytes, other)) }
        for length in 0..<40 {
            #expect(!constantTimeEqual(bytes, Array(bytes.prefix(length))))
            #expect(!constantTimeEqual(Array(bytes.prefix(length)), bytes))
        }
    }

    @Test("random bytes come in the length asked for, and never twice")
    func random() {
        let random = SystemRandom()
        for length in [0, 1, 12, 20, 4096] { #expect(random.bytes(length).count == length) }
        #expect(Set((0..<10_000).map { _ in random.bytes(20) }).count == 10_000)
    }
}
