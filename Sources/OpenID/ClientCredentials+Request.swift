import Domain
import FoundationEssentials
import HTTPServer

extension OpenIDProvider {
    /// The client that calls. It shows a secret in the header or in the form, or none (RFC 6749, section 2.3.1).
    func client(_ request: Request, _ parameters: ProtocolParameters) throws -> Application {
        let shown = try credentials(request, parameters)
        if let shown, let application = clients.client(shown) { return application }
        let origin = RequestOrigin(address: request.peerAddress, addressKey: request.addressKey, browser: "")
        switch try clients.refuse(shown, in: store, at: clock.now(), from: origin) {
        case .wrong:
            throw OAuthError.client(
                shown == nil
                    ? "client_id is missing, or send it with the secret by HTTP Basic"
                    : "this is no client with its secret")
        case .tooMany:
            throw OAuthError.client("too many wrong secrets came from this address within the last hour", status: 429)
        }
    }

    private func credentials(_ request: Request, _ parameters: ProtocolParameters) throws -> ClientCredentials? {
        let headers = request.headers.values("authorization")
        guard headers.count <= 1 else { throw OAuthError(.invalidRequest, "Authorization comes twice") }
        guard let header = headers.first else {
            return parameters["client_id"].map { ClientCredentials(id: $0, secret: parameters["client_secret"]) }
        }
        guard let basic = Self.basic(header) else { throw OAuthError.client("Authorization is no HTTP Basic") }
        guard parameters["client_secret"] == nil, parameters["client_id"] ?? basic.id == basic.id else {
            throw OAuthError(.invalidRequest, "the client is named in two ways")
        }
        return basic
    }

    /// Name and secret are encoded as in a form, then as Base64.
    private static func basic(_ header: String) -> ClientCredentials? {
        let words = header.split(separator: " ", omittingEmptySubsequences: true).map(String.init)
        guard words.count == 2, words[0].lowercased() == "basic", let bytes = Data(base64Encoded: words[1]),
            let colon = bytes.firstIndex(of: UInt8(ascii: ":")),
            let id = String(validating: bytes[..<colon], as: UTF8.self),
            let secret = String(validating: bytes[(colon + 1)...], as: UTF8.self)
        else { return nil }
        // Neither ids nor secrets of ours hold anything that is encoded in two ways.
        return ClientCredentials(
            id: PercentEncoding.decodeLenient(id), secret: PercentEncoding.decodeLenient(secret))
    }
}
