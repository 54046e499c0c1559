import Curl
import FoundationEssentials

extension TransferResult {
    /// Whether the relay took the login for one with a token and refused it: by 535, or by a challenge that tells why. To that
    /// of OAUTHBEARER libcurl answers, and 535 follows; at that of XOAUTH2 it ends the transfer.
    var refusesToken: Bool {
        mechanism == .token && stage == .authentication && result == .loginDenied && (code == 535 || code == 334)
    }

    /// Whether the relay offered no mechanism of those that the login may use.
    var lacksMechanism: Bool {
        stage == .authentication && [.loginDenied, .stopped].contains(result) && decisiveCode == nil && !refusesToken
    }

    /// One sentence on a token that was refused.
    func tokenRefusal(at relay: Relay) -> String {
        var words = code == 334 ? "" : " with \"\(reply.isEmpty ? "535" : "535 \(reply)")\""
        if !challenge.isEmpty { words += " (\(challenge))" }
        let cure =
            if challenge.contains("insufficient_scope") {
                "the token's scope is not enough; ask for the scope that the relay's provider names for SMTP"
            } else if case .token(let source)? = relay.credentials?.secret {
                source.value.cureForRefusal
            } else {
                "it is not valid there"
            }
        return "\(relay.address) refused the token\(words): \(cure)."
    }
}

/// The words of a challenge that refuses a token: base64 of a JSON object, such as
/// `{"status":"invalid_token","scope":"…"}` (RFC 7628 section 3.2.2).
/// - Returns: `status invalid_token, scope …`; empty when there are none.
func words(ofChallenge challenge: String) -> String {
    guard !challenge.isEmpty, let data = Data(base64Encoded: challenge) else { return "" }
    guard let fields = try? JSONDecoder().decode([String: LooseText].self, from: data) else {
        return sanitized(String(decoding: data, as: UTF8.self))
    }
    let first = ["status", "schemes", "scope"].filter { fields[$0] != nil }
    let names = first + fields.keys.filter { !first.contains($0) }.sorted()
    return sanitized(names.map { "\($0) \(fields[$0]?.text ?? "")" }.joined(separator: ", "))
}

/// A text or a number.
private struct LooseText: Decodable {
    let text: String

    init(from decoder: any Decoder) throws {
        let value = try decoder.singleValueContainer()
        if let text = try? value.decode(String.self) {
            self.text = text
        } else {
            text = (try? value.decode(Int.self)).map(String.init) ?? ""
        }
    }
}

extension SendResult {
    /// There is no token, so the relay was not asked. That is no fault of the message.
    static func withoutToken(_ error: TokenError, for relay: Relay, wasStopped: Bool) -> SendResult {
        SendResult(
            verdict: wasStopped ? .temporary : .relayFault, stage: .authentication,
            explanation: "There is no token for \(relay.address): \(error.sentence)")
    }
}
