import Cryptography
import Domain
import Support
import Testing

@Suite("Form tokens")
struct FormTokenTests {
    private static let now = Instant(milliseconds: 1_795_420_800_000)
    private let tokens = FormTokens(key: ResetScene.key)
    private var token: String { tokens.token(for: "confirm", subject: "link", at: Self.now) }

    @Test("A token is good for its purpose and subject, for two hours")
    func genuine() {
        for age in [TimeSpan.seconds(0), .minutes(5), .hours(2) - .milliseconds(1)] {
            #expect(tokens.accepts(token, for: "confirm", subject: "link", at: Self.now + age))
        }
        #expect(!tokens.accepts(token, for: "confirm", subject: "link", at: Self.now + .hours(2)))
    }

    @Test("Another purpose, another subject or another key refuses it")
    func bound() throws {
        #expect(!tokens.accepts(token, for: "cancel", subject: "link", at: Self.now))
        #expect(!tokens.accepts(token, for: "confirm", subject: "other", at: Self.now))
        #expect(!tokens.accepts(token, for: "confirm", subject: "", at: Self.now))
        let foreign = FormTokens(key: try #require(SecretKey(bytes: [UInt8](repeating: 8, count: 32))))
        #expect(!foreign.accepts(token, for: "confirm", subject: "link", at: Self.now))
    }

    @Test("Each changed character refuses it")
    func changed() {
        for position in token.indices {
            var forged = token
            forged.replaceSubrange(position...position, with: token[position] == "7" ? "8" : "7")
            #expect(!tokens.accepts(forged, for: "confirm", subject: "link", at: Self.now), "\(forged)")
        }
    }

    @Test("No other spelling of the same token is taken, and nothing that is none")
    func spelling() {
        let seconds = token.prefix { $0 != "." }
        let mac = token.drop { $0 != "." }
        for forged in [
            "", ".", "..", "1", "a.b", "+\(token)", "0\(token)", " \(token)", "\(token) ", "\(token).", "\(token)=",
            "-1\(mac)", "99999999999999999999\(mac)", "9223372036854775807\(mac)", "\(seconds)\u{301}\(mac)", "\(mac)",
            "\(seconds)",
            String(repeating: "9", count: 1_000_000),
        ] {
            #expect(!tokens.accepts(forged, for: "confirm", subject: "link", at: Self.now), "\(forged.prefix(60))")
        }
    }

    @Test("A clock that was a few seconds ahead is forgiven, a token of the future is not")
    func future() {
        let ahead = tokens.token(for: "confirm", subject: "link", at: Self.now + .seconds(5))
        #expect(tokens.accepts(ahead, for: "confirm", subject: "link", at: Self.now))
        let future = tokens.token(for: "confirm", subject: "link", at: Self.now + .seconds(6))
        #expect(!tokens.accepts(future, for: "confirm", subject: "link", at: Self.now))
    }
}

extension TimeSpan {
    static func - (left: TimeSpan, right: TimeSpan) -> TimeSpan {
        .milliseconds(left.milliseconds - right.milliseconds)
    }
}
