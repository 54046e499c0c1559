import Cryptography
import Domain
import Support
import Testing
import Threading

@testable import Program

@Suite("Passwords, so many at once")
struct BoundedPasswordVerifierTests {
    private let hasher = PasswordHasher()
    private let password = Array("empat kata yang panjang".utf8)

    private func bounded(maxConcurrent: Int, maxWaiting: Int) -> BoundedPasswordVerifier {
        BoundedPasswordVerifier(
            hasher: hasher, random: SystemRandom(), maxConcurrent: maxConcurrent, maxWaiting: maxWaiting)
    }

    @Test("Right is right, wrong is wrong, and where there is no hash nothing is right")
    func verdicts() throws {
        let passwords = bounded(maxConcurrent: 1, maxWaiting: 0)
        let hash = try hasher.hash(password, random: SystemRandom())
        #expect(try passwords.verify(password, against: hash))
        #expect(try !passwords.verify(Array("another".utf8), against: hash))
        #expect(try !passwords.verify(password, against: nil))
        #expect(try passwords.rehash(password, for: hash) == nil, "made by today's rules")
    }

    @Test("Who comes when all places are taken is told so at once; those who wait get their turn")
    func flood() throws {
        let passwords = bounded(maxConcurrent: 1, maxWaiting: 3)
        let (password, hash) = (password, try hasher.hash(password, random: SystemRandom()))
        let answers = try inParallel(40) { _ -> Bool? in
            do { return try passwords.verify(password, against: hash) } catch { return nil }
        }
        #expect(answers.contains(true))
        #expect(answers.contains(nil))
        #expect(!answers.contains(false), "a busy machine is not a wrong password")
        #expect(try passwords.verify(password, against: hash), "all places are free again")
    }

    @Test("A hash of another system is made anew")
    func renewal() throws {
        let passwords = bounded(maxConcurrent: 1, maxWaiting: 0)
        let old = try Subprocess.output(
            of: "mkpasswd", ["--method=sha512crypt", "--stdin"], input: "empat kata yang panjang")
        let new = try #require(try passwords.rehash(password, for: String(old.prefix { $0 != "\n" })))
        #expect(new.hasPrefix("$argon2id$"))
        #expect(hasher.verify(password, against: new))
    }
}
