import Cryptography
import Domain
import Foundation
import Support
import Testing

/// Where the package standardwebhooks from PyPI is unpacked: `PULIH_STANDARDWEBHOOKS=/folder`.
private let peerFolder = ProcessInfo.processInfo.environment["PULIH_STANDARDWEBHOOKS"]

/// The headers that a receiver verifies, against the specification's own example and its Python library.
@Suite("Signatures of webhooks")
struct WebhookSignatureTests {
    /// The example that the specification's libraries test themselves with.
    private static let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"

    private func secrets(_ texts: String...) throws -> [WebhookSecret] {
        try texts.map { try #require(WebhookSecret($0)) }
    }

    private func message(id: String, _ body: String) throws -> WebhookMessage {
        let json = try JSONEncoder().encode(["id": id, "body": body])
        return try JSONDecoder().decode(WebhookMessage.self, from: json)
    }

    @Test("The specification's example")
    func example() throws {
        let message = try message(id: "msg_p5jXN8AQM9LWM0D4loKWxJek", "{\"test\": 2432232314}")
        let headers = WebhookSigner(try secrets(Self.secret))
            .headers(of: message, at: Instant(milliseconds: 1_614_265_330_999))
        #expect(
            headers == [
                "webhook-id: msg_p5jXN8AQM9LWM0D4loKWxJek", "webhook-timestamp: 1614265330",
                "webhook-signature: v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
            ])
    }

    @Test("Secrets are whsec_ and 24 to 64 bytes in base64, and no description shows one")
    func secrets() throws {
        func text(_ count: Int) -> String { "whsec_" + Data(repeating: 7, count: count).base64EncodedString() }
        for count in [24, 32, 64] { #expect(WebhookSecret(text(count)) != nil) }
        let shown = try #require(WebhookSecret(text(32)))
        #expect(
            "\(shown) \(String(reflecting: shown)) \(Mirror(reflecting: shown).children.count)".contains("7") == false)
        for wrong in [
            text(23), text(65), String(text(32).dropFirst(6)), "whsk_" + text(32).dropFirst(6), "whsec_", "whsec_ä", "",
            text(32) + " ", text(32).replacing("=", with: ""),
        ] { #expect(WebhookSecret(wrong) == nil, "\(wrong)") }
    }

    @Test(
        "The Python library accepts what is signed with either secret of a rotation, and nothing that was changed",
        .enabled(if: peerFolder != nil))
    func peer() throws {
        let (old, new) = (Self.secret, "whsec_\(Data((0..<40).map { $0 }).base64EncodedString())")
        let message = try message(id: "evt_1", "{\"nama\":\"Budi Š 🙂\"}")
        let now = Instant(milliseconds: Int64(Date().timeIntervalSince1970 * 1000))
        let headers = WebhookSigner(try secrets(old, new)).headers(of: message, at: now)
        let folder = try TemporaryFolder()
        try folder.write(Self.program, to: "verify.py")
        func verdict(_ secret: String, _ headers: [String], _ body: String) throws -> String {
            try Subprocess.run(
                "/usr/bin/python3", [folder.file("verify.py"), secret] + headers,
                environment: ["PYTHONPATH": peerFolder ?? ""], input: body
            ).output.trimmingCharacters(in: .whitespacesAndNewlines)
        }
        #expect(try verdict(old, headers, message.body) == "accepted")
        #expect(try verdict(new, headers, message.body) == "accepted")
        #expect(
            try verdict("whsec_\(Data(repeating: 1, count: 32).base64EncodedString())", headers, message.body)
                == "refused")
        #expect(try verdict(old, headers, message.body + " ") == "refused")
        #expect(try verdict(old, headers.map { $0.replacing("evt_1", with: "evt_2") }, message.body) == "refused")
        let stale = WebhookSigner(try secrets(old)).headers(of: message, at: now - .minutes(6))
        #expect(try verdict(old, stale, message.body) == "refused")
    }

    private static let program = """
        import sys
        from standardwebhooks.webhooks import Webhook, WebhookVerificationError

        headers = dict(line.split(": ", 1) for line in sys.argv[2:])
        try:
            Webhook(sys.argv[1]).verify(sys.stdin.buffer.read(), headers)
            print("accepted")
        except WebhookVerificationError:
            print("refused")
        """
}
