import Cryptography
import Domain
import Support
import Testing

@Suite("Captcha")
struct CaptchaTests {
    private static let now = Instant(milliseconds: 1_795_420_800_000)
    private let desk = CaptchaService(key: ResetScene.key, alphabet: ResetScene.captchaAlphabet)
    private let random = SeededRandom(1)

    @Test("A challenge that comes back by its id is the same: code, picture seed and end of life")
    func genuine() throws {
        for _ in 0..<200 {
            let challenge = desk.challenge(at: Self.now, random: random)
            #expect(desk.challenge(id: challenge.id) == challenge)
            #expect(challenge.id.utf8.count == 40)
            #expect(challenge.code.utf8.count == CaptchaService.length)
            #expect(challenge.code.utf8.allSatisfy { ResetScene.captchaAlphabet.utf8.contains($0) })
            #expect(challenge.expiresAt == Self.now + CaptchaService.lifetime)
        }
    }

    @Test("No two challenges are alike, and every letter occurs")
    func different() {
        let challenges = (0..<500).map { _ in desk.challenge(at: Self.now, random: random) }
        #expect(Set(challenges.map(\.id)).count == 500)
        #expect(Set(challenges.flatMap(\.code.utf8)) == Set(ResetScene.captchaAlphabet.utf8))
    }

    @Test("A forged id is not ours: each byte changed, cut, lengthened, of another key")
    func forged() throws {
        let id = desk.challenge(at: Self.now, random: random).id
        for position in id.indices {
            var forged = id
            forged.replaceSubrange(position...position, with: id[position] == "A" ? "B" : "A")
            #expect(desk.challenge(id: forged) == nil, "\(forged)")
        }
        let foreign = CaptchaService(
            key: try #require(SecretKey(bytes: [UInt8](repeating: 8, count: 32))), alphabet: ResetScene.captchaAlphabet)
        for forged in [
            "", "A", String(id.dropLast()), id + "A", id + "=", " " + id, id + "\u{0}", id + "\u{301}",
            foreign.challenge(at: Self.now, random: random).id, String(repeating: "A", count: 40),
            String(repeating: "A", count: 100_000),
        ] {
            #expect(desk.challenge(id: forged) == nil, "\(forged.prefix(60))")
        }
    }

    @Test("Case and spaces do not matter")
    func forgiving() {
        let challenge = desk.challenge(at: Self.now, random: random)
        let code = challenge.code
        let spaced = code.map(String.init).joined(separator: " ")
        for answer in [code, code.lowercased(), " \(code) ", "   " + spaced.lowercased()] {
            #expect(challenge.check(answer, at: Self.now) == .right, "\(answer)")
        }
    }

    @Test("How it is typed does not matter: spaces, hyphens, full-width letters, marks that no one sees")
    func typed() {
        let challenge = desk.challenge(at: Self.now, random: random)
        let code = challenge.code
        let fullWidth = String(
            String.UnicodeScalarView(code.unicodeScalars.compactMap { Unicode.Scalar($0.value + 0xfee0) }))
        for answer in [
            code + "\n", code + "\r\n", code + "\t", code + "\u{a0}", fullWidth, "\u{200b}" + code,
            code.prefix(3) + "-" + code.suffix(3), code.map(String.init).joined(separator: " "),
        ] {
            #expect(challenge.check(answer, at: Self.now) == .right, "\(answer)")
        }
    }

    @Test("What has not the form of a code is no answer: NUL, Unicode twins, more and less")
    func malformed() {
        let challenge = desk.challenge(at: Self.now, random: random)
        let code = challenge.code
        for answer in [
            "", " ", code + "\u{0}", "\u{0}" + code, code + "\u{301}", code + "A", String(code.dropLast()), code + code,
            String(code.reversed()) + "x", "\u{410}" + code.dropFirst(), String(repeating: "A", count: 1_000_000),
        ] {
            #expect(challenge.check(answer, at: Self.now) == .malformed, "\(answer.prefix(40))")
        }
    }

    @Test("Any other code is wrong")
    func wrong() {
        let challenge = desk.challenge(at: Self.now, random: random)
        #expect(challenge.check(String(challenge.code.reversed()), at: Self.now) == .wrong)
        #expect(challenge.check("000000", at: Self.now) == .wrong)
    }

    @Test("The Kelvin sign, a k in lower case, is no K")
    func kelvin() throws {
        let challenge = try #require(
            (0..<1_000).lazy.map { _ in desk.challenge(at: Self.now, random: random) }.first { $0.code.contains("K") })
        #expect(challenge.check(challenge.code.replacing("K", with: "\u{212A}"), at: Self.now) == .malformed)
    }

    @Test("It lives for its lifetime and not a millisecond longer, right or wrong")
    func expired() {
        let challenge = desk.challenge(at: Self.now, random: random)
        let end = Self.now + CaptchaService.lifetime
        #expect(challenge.check(challenge.code, at: end - .milliseconds(1)) == .right)
        #expect(challenge.check(challenge.code, at: end) == .expired)
        #expect(challenge.check("wrong", at: end) == .expired)
    }

    @Test("The code cannot be read from the id: under another key the same id would show another code")
    func codeNeedsKey() throws {
        let id = desk.challenge(at: Self.now, random: random)
        #expect(Base64URL.decode(id.id)?.count == 30)
        #expect(!id.id.uppercased().contains(id.code))
    }
}
