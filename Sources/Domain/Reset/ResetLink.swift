package import Cryptography

/// The token in a reset link: `<request id>.<mac>`, mac = HMAC-SHA256(link key, request id, account, generation), with
/// the link key of the moment of the request.
///
/// Nothing secret is stored for it, and every retry of a mail computes the same one, so a mail that arrives twice holds
/// the same link. A token for one account or one secret is worth nothing for another.
package struct ResetLinks: Sendable {
    private let keys: SigningKeys

    package init(keys: SigningKeys) { self.keys = keys }

    package init(key: SecretKey) { self.init(keys: SigningKeys(key)) }

    /// The token for a request; 22 characters of id, a dot, 43 of MAC.
    package func token(for request: ResetRequest) -> String {
        "\(request.id).\(mac(request))"
    }

    /// The id in a token that has the right form; says nothing yet on whether the token is genuine.
    package static func requestID(in token: String) -> String? {
        let parts = token.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 2, Base64URL.decode(parts[0])?.count == ResetRequest.idBytes,
            Base64URL.decode(parts[1])?.count == 32
        else { return nil }
        return parts[0]
    }

    /// Whether `token` is the one made for this request.
    package func isGenuine(_ token: String, for request: ResetRequest) -> Bool {
        constantTimeEqual(Array(token.utf8), Array(self.token(for: request).utf8))
    }

    private func mac(_ request: ResetRequest) -> String {
        // Lengths cannot shift between the parts: the id has a fixed length and the numbers hold no colon.
        let message = Array("reset-link:\(request.id):\(request.account):\(request.generation)".utf8)
        let key = keys.key(at: request.requestedAt)
        return Base64URL.encode(HMAC.code(.sha256, key: key.bytes, message: message))
    }
}
