import Cryptography
import Support
import Testing

@Suite("Password hashes of other systems")
struct ForeignHashTests {
    private static let password = "kopi tubruk 123"
    private let hasher = PasswordHasher(memoryKiB: 8, passes: 1)

    private func verify(_ password: String, _ hash: String) -> Bool {
        hasher.verify(Array(password.utf8), against: hash)
    }

    @Test(
        "What mkpasswd makes is verified, and replaced at the next chance",
        arguments: [
            ["yescrypt"], ["yescrypt", "-R", "3"], ["sha-256"], ["sha-256", "-R", "5000"], ["sha-512"],
            ["sha-512", "-R", "20000"], ["bcrypt"], ["bcrypt-a"],
        ])
    func mkpasswd(method: [String]) throws {
        let hash = try Subprocess.output(of: "mkpasswd", ["-m"] + method + ["--stdin"], input: Self.password)
        #expect(ImportedPasswordHash(hash) != nil, "\(hash)")
        #expect(verify(Self.password, hash))
        #expect(hasher.needsRehash(hash))
        for wrong in ["", "kopi tubruk 12", Self.password + "4", Self.password + "\u{0}", "Kopi tubruk 123"] {
            #expect(!verify(wrong, hash))
        }
        let last = hash.index(before: hash.endIndex)
        // $2a$ and $2b$ are the same for such a password, and the last letter of a bcrypt hash holds two bits only.
        let scheme = hash.index(hash.startIndex, offsetBy: 4)
        for position in hash.indices where position >= scheme && position != last {
            var forged = hash
            forged.replaceSubrange(position...position, with: hash[position] == "a" ? "b" : "a")
            #expect(ImportedPasswordHash(forged) == nil || !verify(Self.password, forged), "\(forged)")
        }
    }

    @Test(
        "What takes too long, is malformed or is of another scheme is refused unread",
        arguments: [
            "", "plain", "$1$salt$hash", "$5$salt$hash", "$2b$31$" + String(repeating: "a", count: 53),
            "$2b$15$" + String(repeating: "a", count: 53), "$2b$+5$" + String(repeating: "a", count: 53),
            "$2x$05$" + String(repeating: "a", count: 53), "$2b$05$" + String(repeating: "a", count: 52),
            "$6$rounds=1000001$salt$" + String(repeating: "a", count: 86),
            "$6$rounds=999999999$salt$" + String(repeating: "a", count: 86), "$6$salt$short",
            "$y$jFT$salt$" + String(repeating: "a", count: 43), "$y$j9T$salt$short", "*0", "!", "x",
            "$argon2id$v=19$m=99999999,t=2,p=1$c2FsdHNhbHQ$aGFzaGhhc2g",
        ])
    func refused(hash: String) {
        #expect(ImportedPasswordHash(hash) == nil)
        #expect(!verify("password", hash))
    }

    @Test("argon2i and argon2d are verified too, and replaced by argon2id")
    func argon2() {
        // Made with the reference implementation's command: m = 64 KiB, t = 2, p = 1, salt "saltsaltsalt".
        let hashes = [
            "$argon2i$v=19$m=64,t=2,p=1$c2FsdHNhbHRzYWx0$l4/22ofvoaJ7a7OZ18mT9wdGbaDVGv21rZDnWi2c5Ss",
            "$argon2d$v=19$m=64,t=2,p=1$c2FsdHNhbHRzYWx0$lBVEgneHPNb0Qt+Nbskorev4HcBzuuM5Qo7/uKrhQ6Y",
        ]
        for hash in hashes {
            #expect(verify("password", hash))
            #expect(!verify("passwore", hash))
            #expect(hasher.needsRehash(hash))
        }
    }

    @Test("Sixteen at once do not get in each other's way")
    func parallel() throws {
        let hash = try Subprocess.output(of: "mkpasswd", ["-m", "sha-512", "--stdin"], input: Self.password)
        let hasher = hasher
        let answers = try inParallel(16) { number in
            hasher.verify(Array((number % 2 == 0 ? Self.password : "wrong").utf8), against: hash)
        }
        #expect(answers == (0..<16).map { $0 % 2 == 0 })
    }

    @Test("A decoy looks like a hash of the hasher's own cost and no password is behind it")
    func decoy() {
        let decoy = hasher.decoy(random: SystemRandom())
        #expect(ImportedPasswordHash(decoy) != nil)
        #expect(!hasher.needsRehash(decoy))
        #expect(!verify("", decoy) && !verify(Self.password, decoy))
    }
}
