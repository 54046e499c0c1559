import Testing

@testable import Cryptography

@Suite("Sealer")
struct SealerTests {
    private let plain = ascii("a secret of twenty b")
    private let context = ascii("account 17, generation 3")
    private let old = SecretKey(bytes: [UInt8](repeating: 1, count: 32))!
    private let new = SecretKey(bytes: [UInt8](repeating: 2, count: 32))!

    /// Test cases 13, 14 and 16 of McGrew and Viega, "The Galois/Counter Mode of Operation", appendix B.
    @Test(
        "AES-256-GCM matches the published vectors",
        arguments: [
            (
                key: [UInt8](repeating: 0, count: 32), nonce: [UInt8](repeating: 0, count: 12), plain: "",
                additional: "", output: "530f8afbc74536b9a963b4f1c4cb738b"
            ),
            (
                key: [UInt8](repeating: 0, count: 32), nonce: [UInt8](repeating: 0, count: 12),
                plain: "00000000000000000000000000000000", additional: "",
                output: "cea7403d4d606b6e074ec5d3baf39d18 d0d1c8a799996bf0265b98b5d48ab919"
            ),
            (
                key: hex("feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308"),
                nonce: hex("cafebabefacedbaddecaf888"),
                plain: """
                d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72\
                1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39
                """,
                additional: "feedfacedeadbeeffeedfacedeadbeefabaddad2",
                output: """
                522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa\
                8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662 76fc6ece0f4e1768cddf8853bb2d551b
                """
            ),
        ])
    func vectors(_ vector: (key: [UInt8], nonce: [UInt8], plain: String, additional: String, output: String)) {
        let output = AES256GCM.encrypt(
            hex(vector.plain), key: vector.key, nonce: vector.nonce, additional: hex(vector.additional))
        #expect(output == hex(vector.output))
        #expect(
            AES256GCM.decrypt(output[...], key: vector.key, nonce: vector.nonce, additional: hex(vector.additional))
                == hex(vector.plain))
    }

    @Test("opens what it sealed, at every length")
    func roundTrip() throws {
        let sealer = try Sealer(keys: ["k1": old], current: "k1")
        for length in [0, 1, 15, 16, 17, 20, 64, 1000, Sealer.maximumByteCount] {
            let plain = SystemRandom().bytes(length)
            for context in [[], context] {
                let sealed = try sealer.seal(plain, context: context, random: SystemRandom())
                #expect(try sealer.open(sealed, context: context) == plain)
            }
        }
    }

    @Test("refuses a value with any one bit flipped")
    func flippedBits() throws {
        let sealer = try Sealer(keys: ["k1": old, "k2": new], current: "k1")
        let sealed = try sealer.seal(plain, context: context, random: SystemRandom())
        for damaged in everyFlippedBit(of: sealed) {
            #expect(throws: SealError.self) { try sealer.open(damaged, context: context) }
        }
        for other in everyFlippedBit(of: context) {
            #expect(throws: SealError.damaged) { try sealer.open(sealed, context: other) }
        }
    }

    @Test("refuses a value that was cut, extended or moved to another place")
    func wrongShapeOrPlace() throws {
        let sealer = try Sealer(keys: ["k1": old], current: "k1")
        let sealed = try sealer.seal(plain, context: context, random: SystemRandom())
        for length in 0..<sealed.count {
            #expect(throws: SealError.damaged) { try sealer.open(Array(sealed.prefix(length)), context: context) }
        }
        #expect(throws: SealError.damaged) { try sealer.open(sealed + [0], context: context) }
        for place in ["account 18, generation 3", "account 17, generation 4", "", "account 17, generation 3\0"] {
            #expect(throws: SealError.damaged) { try sealer.open(sealed, context: ascii(place)) }
        }
    }

    @Test("refuses a key id that was swapped, even for one whose key is the same")
    func swappedKeyID() throws {
        let sealer = try Sealer(keys: ["k1": old, "k2": old], current: "k1")
        var sealed = try sealer.seal(plain, context: context, random: SystemRandom())
        sealed[3] = UInt8(ascii: "2")
        #expect(Sealer.keyID(of: sealed) == "k2")
        #expect(throws: SealError.damaged) { try sealer.open(sealed, context: context) }
    }

    @Test("opens old values after a rotation, and names the key that is missing")
    func rotation() throws {
        let before = try Sealer(keys: ["2025": old], current: "2025")
        let during = try Sealer(keys: ["2025": old, "2026": new], current: "2026")
        let after = try Sealer(keys: ["2026": new], current: "2026")
        let stored = try before.seal(plain, context: context, random: SystemRandom())
        let moved = try during.seal(
            during.open(stored, context: context), context: context, random: SystemRandom())
        #expect(Sealer.keyID(of: stored) == "2025")
        #expect(Sealer.keyID(of: moved) == "2026")
        #expect(try after.open(moved, context: context) == plain)
        #expect(throws: SealError.unknownKey("2025")) { try after.open(stored, context: context) }
    }

    @Test("refuses a value sealed with another key of the same name")
    func replacedKey() throws {
        let sealed = try Sealer(keys: ["k1": old], current: "k1").seal(plain, context: context, random: SystemRandom())
        let other = try Sealer(keys: ["k1": new], current: "k1")
        #expect(throws: SealError.damaged) { try other.open(sealed, context: context) }
    }

    @Test("takes a new nonce for each value")
    func nonces() throws {
        let sealer = try Sealer(keys: ["k1": old], current: "k1")
        let sealed = try (0..<1000).map { _ in try sealer.seal(plain, context: context, random: SystemRandom()) }
        #expect(Set(sealed.map { Array($0[4..<16]) }).count == 1000)
    }

    @Test("keeps its layout, because databases hold it")
    func layout() throws {
        let sealer = try Sealer(keys: ["k1": old], current: "k1")
        let sealed = try sealer.seal(plain, context: context, random: FixedRandom(byte: 9))
        #expect(Array(sealed.prefix(16)) == [1, 2] + ascii("k1") + [UInt8](repeating: 9, count: 12))
        #expect(sealed.count == 16 + plain.count + 16)
        // Computed with another implementation: HKDF by Python's hmac, AES-GCM by python3-cryptography.
        #expect(
            Array(sealed.dropFirst(16))
                == hex("e8c25368b00c1c1c5c9023d41401d105db3c14ae74dc20dd1923d1ae2797af69e51c953f"))
    }

    @Test("refuses keys that it could not name or find")
    func construction() {
        #expect(throws: SealError.unknownKey("k2")) { try Sealer(keys: ["k1": old], current: "k2") }
        for id in ["", "a b", "k\n", "ключ", "a/b", String(repeating: "k", count: 65)] {
            #expect(throws: SealError.malformedKeyID(id)) { try Sealer(keys: [id: old], current: id) }
        }
    }

    @Test("refuses what is longer than it takes")
    func tooLong() throws {
        let sealer = try Sealer(keys: ["k1": old], current: "k1")
        let long = [UInt8](repeating: 0, count: Sealer.maximumByteCount + 1)
        #expect(throws: SealError.tooLong) { try sealer.seal(long, context: [], random: SystemRandom()) }
        #expect(throws: SealError.tooLong) { try sealer.seal([], context: long, random: SystemRandom()) }
        #expect(throws: SealError.damaged) { try sealer.open(long + long, context: []) }
    }

    @Test("shows no key in a description")
    func redacted() throws {
        var dumped = ""
        dump(try Sealer(keys: ["k1": old], current: "k1"), to: &dumped)
        #expect(dumped.contains("SecretKey(…)"))
        #expect(!dumped.contains("bytes"))
    }
}
