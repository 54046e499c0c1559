import Cryptography
import Domain
import Support
import Testing

@Suite("Keys in their time")
struct SigningKeysTests {
    private let rotation = Instant(milliseconds: 1_800_000_000_000)
    private let old = SecretKey(bytes: [UInt8](repeating: 1, count: 32))!
    private let new = SecretKey(bytes: [UInt8](repeating: 2, count: 32))!

    private var keys: SigningKeys {
        let entries = [
            SigningKeys.Entry(from: rotation - .hours(1000), key: old), SigningKeys.Entry(from: rotation, key: new),
        ]
        return SigningKeys { entries }
    }

    @Test("Each moment has its key; a moment before all keys has the oldest")
    func choice() {
        #expect(keys.key(at: rotation - .seconds(1)).bytes == old.bytes)
        #expect(keys.key(at: rotation).bytes == new.bytes)
        #expect(keys.key(at: rotation - .hours(2000)).bytes == old.bytes)
    }

    @Test("What was handed out before a rotation is good after it; the old key makes nothing that is newer")
    func overlap() throws {
        let (before, after) = (rotation - .minutes(5), rotation + .minutes(5))
        let random = SeededRandom()
        let captchas = CaptchaService(keys: keys, alphabet: ResetScene.captchaAlphabet)
        let challenge = captchas.challenge(at: before, random: random)
        #expect(captchas.challenge(id: challenge.id)?.check(challenge.code, at: after) == .right)
        let thief = CaptchaService(key: old, alphabet: ResetScene.captchaAlphabet)
        #expect(thief.challenge(id: challenge.id) != nil)
        #expect(captchas.challenge(id: thief.challenge(at: after, random: random).id) == nil)

        let forms = FormTokens(keys: keys)
        let token = forms.token(for: "reset", subject: "", at: before)
        #expect(forms.accepts(token, for: "reset", subject: "", at: after))
        let forged = FormTokens(key: old).token(for: "reset", subject: "", at: after)
        #expect(!forms.accepts(forged, for: "reset", subject: "", at: after))

        let tickets = ClaimedIdentities(keys: keys)
        let ticket = ClaimedIdentity(userID: "budi", userTypes: ["penyedia"])
        #expect(tickets.ticket(tickets.text(ticket, at: before), at: after) == ticket)
        #expect(tickets.ticket(ClaimedIdentities(key: old).text(ticket, at: after), at: after) == nil)
    }

    @Test("A link is signed with the key of its request's moment, however late the mail goes out")
    func links() {
        let request = { (moment: Instant) in
            ResetRequest(
                id: "AAAAAAAAAAAAAAAAAAAAAA", account: 1, generation: 1, job: 1, state: .open, requestedAt: moment,
                expiresAt: moment + .minutes(30), address: nil)
        }
        let links = ResetLinks(keys: keys)
        let early = request(rotation - .seconds(1))
        #expect(links.token(for: early) == ResetLinks(key: old).token(for: early))
        let late = request(rotation)
        #expect(links.token(for: late) == ResetLinks(key: new).token(for: late))
        #expect(!links.isGenuine(ResetLinks(key: old).token(for: late), for: late))
    }
}
