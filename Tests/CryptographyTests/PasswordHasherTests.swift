import Cryptography
import Testing

@Suite("PasswordHasher")
struct PasswordHasherTests {
    /// Cheap, so that many cases run; the cost changes nothing that is tested with it.
    private let cheap = PasswordHasher(memoryKiB: 64, passes: 1, lanes: 1)

    /// From the argon2 reference implementation's own tests (phc-winner-argon2, src/test.c), argon2id version 0x13.
    static let vectors = [
        (
            "password",
            "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4"
        ),
        (
            "password",
            "$argon2id$v=19$m=256,t=2,p=2$c29tZXNhbHQ$bQk8UB/VmZZF4Oo79iDXuL5/0ttZwg2f/5U52iv1cDc"
        ),
        (
            "password",
            "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc"
        ),
        (
            "differentpassword",
            "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$C4TWUs9rDEvq7w3+J4umqA32aWKB1+DSiRuBfYxFj94"
        ),
    ]

    @Test("verifies the reference implementation's vectors", arguments: vectors)
    func reference(password: String, encoded: String) {
        #expect(PasswordHasher().verify(ascii(password), against: encoded))
        #expect(!PasswordHasher().verify(ascii(password + " "), against: encoded))
        #expect(PasswordHasher().needsRehash(encoded))
    }

    @Test("hashes at OWASP's cost by default, and says so in the string")
    func defaultCost() throws {
        let hasher = PasswordHasher()
        let encoded = try hasher.hash(ascii("correct horse"), random: SystemRandom())
        #expect(encoded.hasPrefix("$argon2id$v=19$m=19456,t=2,p=1$"))
        #expect(hasher.verify(ascii("correct horse"), against: encoded))
        #expect(!hasher.verify(ascii("correct hors"), against: encoded))
        #expect(!hasher.needsRehash(encoded))
    }

    @Test("salts each hash anew")
    func salts() throws {
        let hashes = try (0..<100).map { _ in try cheap.hash(ascii("same"), random: SystemRandom()) }
        #expect(Set(hashes).count == 100)
        #expect(hashes.allSatisfy { cheap.verify(ascii("same"), against: $0) })
    }

    @Test("takes passwords of 0 to 1024 bytes whole, and refuses longer ones")
    func lengths() throws {
        for length in [0, 1, 8, 64, 72, 73, 128, 1023, 1024] {
            let password = [UInt8](repeating: UInt8(ascii: "x"), count: length)
            let encoded = try cheap.hash(password, random: SystemRandom())
            #expect(cheap.verify(password, against: encoded))
            #expect(!cheap.verify(password + [UInt8(ascii: "x")], against: encoded))
            #expect(!cheap.verify(Array(password.dropLast()) + [UInt8(ascii: "y")], against: encoded))
        }
        let long = [UInt8](repeating: 1, count: 1025)
        #expect(throws: PasswordHashError.tooLong) { try cheap.hash(long, random: SystemRandom()) }
    }

    @Test("does not end a password at a NUL")
    func nul() throws {
        let encoded = try cheap.hash(ascii("abc\0def"), random: SystemRandom())
        #expect(cheap.verify(ascii("abc\0def"), against: encoded))
        #expect(!cheap.verify(ascii("abc"), against: encoded))
        #expect(!cheap.verify(ascii("abc\0deg"), against: encoded))
    }

    @Test("asks for a new hash when the cost, the salt or the hash is not today's")
    func rehash() throws {
        let encoded = try cheap.hash(ascii("p"), random: SystemRandom())
        #expect(!cheap.needsRehash(encoded))
        #expect(PasswordHasher(memoryKiB: 65, passes: 1, lanes: 1).needsRehash(encoded))
        #expect(PasswordHasher(memoryKiB: 64, passes: 2, lanes: 1).needsRehash(encoded))
        #expect(PasswordHasher(memoryKiB: 64, passes: 1, lanes: 2).needsRehash(encoded))
        let shortSalt = "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4"
        #expect(PasswordHasher(memoryKiB: 256, passes: 2, lanes: 1).needsRehash(shortSalt))
    }

    @Test("says no to anything that is not an argon2id hash as libargon2 writes it")
    func malformed() throws {
        let good = try cheap.hash(ascii("password"), random: FixedRandom(byte: 7))
        #expect(cheap.verify(ascii("password"), against: good))
        #expect(!cheap.needsRehash(good))
        let salt = "$BwcHBwcHBwcHBwcHBwcHBw$"
        try #require(good.contains(salt))
        let bad = [
            "", "$", "password", "$2b$12$abcdefghijklmnopqrstuv", good + "\0", good + "$", good + "$x", good + " ",
            " " + good, "x" + good, good + "\n", good + "\0$x", good + "=", good + "é",
            good.replacing("argon2id", with: "argon2i"), good.replacing("v=19", with: "v=16"),
            good.replacing("$v=19", with: ""), good.replacing("m=64", with: "m=064"),
            good.replacing("m=64", with: "m=+64"), good.replacing("m=64", with: "m=-64"),
            good.replacing("m=64", with: "m="), good.replacing("m=64", with: "m=99999999999999999999"),
            good.replacing("t=1,", with: ""), good.replacing("m=64,t=1", with: "t=1,m=64"),
            good.replacing(salt, with: "$BwcHBwcHBwcHBwcHBwcHBw=$"),
            good.replacing(salt, with: "$BwcHBwcHBwcHBwcHBwcH w$"),
            good.replacing(salt, with: "$"), good.replacing(salt, with: "$$"),
        ]
        for encoded in bad {
            #expect(!cheap.verify(ascii("password"), against: encoded), "\(encoded.debugDescription)")
            #expect(cheap.needsRehash(encoded), "\(encoded.debugDescription)")
        }
        #expect(!cheap.verify(ascii("password"), against: String(good.dropLast())))
    }

    @Test("does not spend what a planted hash asks for")
    func unaffordable() {
        let good = Self.vectors[0].1
        for cost in ["m=4000000000,t=2,p=1", "m=256,t=1000000000,p=1", "m=256000,t=2,p=1000"] {
            #expect(!cheap.verify(ascii("password"), against: good.replacing("m=256,t=2,p=1", with: cost)))
        }
    }

    @Test("reports a cost that argon2 does not support")
    func unsupportedCost() {
        for hasher in [
            PasswordHasher(memoryKiB: 7), PasswordHasher(passes: 0), PasswordHasher(lanes: -1),
            PasswordHasher(memoryKiB: -5),
        ] {
            #expect(throws: PasswordHashError.self) { try hasher.hash([], random: SystemRandom()) }
        }
    }
}
