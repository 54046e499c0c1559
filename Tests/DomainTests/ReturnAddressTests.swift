import Cryptography
import Domain
import Support
import Testing

@Suite("Return addresses")
struct ReturnAddressTests {
    private static let key = SecretKey(bytes: [UInt8](repeating: 7, count: 32))!

    private func job(_ id: Int64, createdAt: Instant = Instant(milliseconds: 1_000)) -> Job {
        Job(
            id: id, kind: "mail-test", state: .running, payload: nil, createdAt: createdAt, runAt: createdAt, token: 1,
            attempts: 1, unknowns: 0, leaseUntil: createdAt, worker: "w", outcome: nil, reason: nil, finishedAt: nil)
    }

    private func addresses(_ mailbox: ReturnMailbox, key: SecretKey = key) -> ReturnAddresses {
        ReturnAddresses(mailbox: mailbox, keys: SigningKeys(key))
    }

    @Test("An address is read back, in whatever case")
    func roundTrip() throws {
        let mailbox = try #require(ReturnMailbox("Bounce@Example.org"))
        for id: Int64 in [1, 17, .max] {
            let address = addresses(mailbox).address(for: job(id))
            #expect(address.text.hasPrefix("Bounce+\(id)."))
            #expect(EmailAddress(address.text) != nil)
            for text in [address.text, address.text.uppercased(), address.text.lowercased()] {
                let read = try #require(mailbox.read(text))
                #expect(read == address)
                #expect(read.digest == address.digest)
            }
        }
    }

    @Test("Each job has its own tag, the same at each try; another key, time or number gives another")
    func tags() throws {
        let mailbox = try #require(ReturnMailbox("bounce@example.org"))
        let other = try #require(SecretKey(bytes: [UInt8](repeating: 8, count: 32)))
        let tag = addresses(mailbox).address(for: job(1)).tag
        #expect(tag == addresses(mailbox).address(for: job(1)).tag)
        #expect(tag != addresses(mailbox).address(for: job(2)).tag)
        #expect(tag != addresses(mailbox).address(for: job(1, createdAt: Instant(milliseconds: 1_001))).tag)
        #expect(tag != addresses(mailbox, key: other).address(for: job(1)).tag)
        // No other key of Pulih's, and not the link key itself, makes the same.
        let plain = HMAC.code(.sha256, key: Self.key.bytes, message: Array("1:1000".utf8))
        #expect(tag != Base32.encode(Array(plain.prefix(10))).lowercased())
    }

    @Test(
        "What is not quite of the form is no address of ours",
        arguments: [
            "bounce@example.org", "bounce+1@example.org", "bounce+1.@example.org",
            "bounce+.ktealcff35xeq22m@example.org",
            "bounce+01.ktealcff35xeq22m@example.org", "bounce+-1.ktealcff35xeq22m@example.org",
            "bounce+0.ktealcff35xeq22m@example.org", "bounce++1.ktealcff35xeq22m@example.org",
            "bounce+1.ktealcff35xeq22@example.org", "bounce+1.ktealcff35xeq22mm@example.org",
            "bounce+1.ktealcff35xeq2=m@example.org", "bounce+1.ktealcff35xeq218@example.org",
            "bounce+1.ktealcff35xeq22m@example.com", "bounce+1.ktealcff35xeq22m@example.org.evil.test",
            "bounces+1.ktealcff35xeq22m@example.org", "bounce+9223372036854775808.ktealcff35xeq22m@example.org",
            "bounce+1.ktealcff35xeq22m.x@example.org", "bounce+@example.org", "", "@", "bounce+",
        ])
    func strangers(text: String) throws {
        #expect(try #require(ReturnMailbox("bounce@example.org")).read(text) == nil)
    }

    @Test("A mailbox leaves room for number and tag")
    func room() throws {
        let longest = String(repeating: "b", count: ReturnMailbox.longestLocalPart)
        let mailbox = try #require(ReturnMailbox("\(longest)@example.org"))
        let address = addresses(mailbox).address(for: job(.max)).text
        #expect(address.prefix { $0 != "@" }.count == 64)
        #expect(EmailAddress(address) != nil)
        #expect(ReturnMailbox("b\(longest)@example.org") == nil)
        for text in ["", "bounce", "bounce@", "@example.org", "a b@example.org", "böunce@example.org"] {
            #expect(ReturnMailbox(text) == nil)
        }
    }

    @Test("A link that the words quote is left out")
    func redacted() {
        let link = String(repeating: "a", count: 22) + "." + String(repeating: "b", count: 43)
        #expect(BounceHandling.reason(status: "5.7.1", words: "5.7.1 spam: ?t=\(link)") == "5.7.1 spam: ?t=…")
        #expect(BounceHandling.reason(status: nil, words: "") == "the mail system gave no reason")
        #expect(BounceHandling.reason(status: "5.1.1", words: "") == "5.1.1")
    }
}
