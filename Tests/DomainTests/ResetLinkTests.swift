import Cryptography
import Domain
import Support
import Testing

@Suite("Reset links")
struct ResetLinkTests {
    private let links = ResetLinks(key: ResetScene.key)

    private static func request(account: Int64 = 1, generation: Int64 = 1, id: UInt8 = 3) -> ResetRequest {
        let now = Instant(milliseconds: 0)
        return ResetRequest(
            id: Base64URL.encode([UInt8](repeating: id, count: ResetRequest.idBytes)), account: account,
            generation: generation, job: 1, state: .open, requestedAt: now, expiresAt: now, address: nil)
    }

    @Test("A token has the id in it, is the same at every call, and genuine for its request")
    func genuine() {
        let request = Self.request()
        let token = links.token(for: request)
        #expect(token.utf8.count == 22 + 1 + 43)
        #expect(token == links.token(for: request))
        #expect(ResetLinks.requestID(in: token) == request.id)
        #expect(links.isGenuine(token, for: request))
    }

    @Test("Ids begin with their time, lie side by side in its order, and are never the same")
    func ids() throws {
        // 2025-11-24 16:00:00.000, and as RFC 9562 writes a time: 48 bits, the greatest first.
        let now = Instant(milliseconds: 1_764_000_000_000)
        let time: [UInt8] = [0x01, 0x9A, 0xB6, 0x97, 0xE8, 0x00]
        let ids = (0..<1000).map { _ in ResetRequest.newID(at: now, random: SystemRandom()) }
        #expect(Set(ids).count == 1000)
        for id in ids {
            let bytes = try #require(Base64URL.decode(id))
            #expect(bytes.count == ResetRequest.idBytes && bytes.starts(with: time))
        }
        let later = ResetRequest.newID(at: now + .milliseconds(1), random: SystemRandom())
        #expect(Base64URL.decode(later)?.starts(with: time.dropLast() + [0x01]) == true)
    }

    @Test("Each flipped character is refused, whatever it is flipped to")
    func flipped() {
        let request = Self.request()
        let token = links.token(for: request)
        for position in token.indices {
            for replacement in ["A", "b", "0", "_", ".", "=", " ", "\u{0}", "é"]
            where replacement != String(token[position]) {
                var forged = token
                forged.replaceSubrange(position...position, with: replacement)
                #expect(!links.isGenuine(forged, for: request), "\(forged)")
            }
        }
    }

    @Test("A token is worth nothing for another account, generation, request or key")
    func bound() throws {
        let token = links.token(for: Self.request())
        for other in [Self.request(account: 2), Self.request(generation: 2), Self.request(id: 4)] {
            #expect(!links.isGenuine(token, for: other))
        }
        // Digits that move from one number to the other make another message.
        #expect(
            links.token(for: Self.request(account: 1, generation: 11))
                != links.token(for: Self.request(account: 11, generation: 1)))
        let foreign = ResetLinks(key: try #require(SecretKey(bytes: [UInt8](repeating: 8, count: 32))))
        #expect(!foreign.isGenuine(token, for: Self.request()))
    }

    @Test("What does not have the form of a token has no id")
    func form() {
        let token = links.token(for: Self.request())
        let mac = token.drop { $0 != "." }
        for text in [
            "", ".", "..", String(token.dropLast()), token + "A", token + ".", "." + token, token + "\u{0}",
            " " + token,
            token + "\n", token.replacing(".", with: "\u{ff0e}"), token.replacing(".", with: ".\u{301}"), "A\(mac)",
            String(token.dropFirst()), token.replacing(".", with: ""), String(repeating: "A", count: 1_000_000),
        ] {
            #expect(ResetLinks.requestID(in: text) == nil, "\(text.prefix(80))")
        }
    }
}
