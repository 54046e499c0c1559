import Domain
import Foundation
import HTTPServer
import JOSE
import JSON
import OpenID
import Support
import Testing

/// The machine endpoints over a real database of their own, asked without a socket.
final class ProviderFixture: Sendable {
    static let issuer = "https://otp.example.org"
    static let secret = String(repeating: "k", count: 32)
    static let entries = SignatureAlgorithm.allCases.map { algorithm in
        TokenKeySet<PrivateKey>.Entry(
            algorithm: TokenAlgorithm(rawValue: algorithm.rawValue)!, from: Instant(milliseconds: 0),
            key: .generate(algorithm))
    }

    let scene: OpenIDScene
    let tokens: IDTokens
    private let respond: @Sendable (Request) -> Response
    private let takesLong: @Sendable (Request) -> Bool

    init() throws {
        scene = try OpenIDScene()
        tokens = IDTokens(issuer: Self.issuer, keys: TokenKeySet { Self.entries })
        let spa = Application(
            id: "spa", name: "SPA",
            client: OpenIDClient(redirectURIs: ["https://spa.example.org/"], isConfidential: false))
        let provider = OpenIDProvider(
            tokens: tokens, store: scene.store, grants: scene.grants,
            clients: ClientAuthentication([
                (scene.application, [Self.secret]), (scene.other, ["o" + Self.secret, "p" + Self.secret]), (spa, []),
            ]), clock: scene.clock, logger: TestLogger())
        respond = provider.responder
        takesLong = provider.takesLong
    }

    func send(
        _ method: HTTPServer.Method = .post, _ path: String, _ fields: [(String, String)] = [],
        headers: [(String, String)] = [], from address: String = "192.0.2.7"
    ) throws -> Response {
        let body = fields.map { "\($0)=\(PercentEncoding.encode($1))" }.joined(separator: "&")
        let all = headers + [("Content-Type", "application/x-www-form-urlencoded")]
        let request = try Request(
            method: method, target: path, headers: Headers(all.map { Field(name: $0, value: $1) }),
            body: Array(body.utf8), client: IPAddress(address))
        let response = respond(request)
        // A signature is made where no other connection waits for it.
        #expect(response.text("id_token") == nil || takesLong(request))
        return response
    }

    /// HTTP Basic of the application, or of another.
    static func basic(_ id: String = "e-katalog", _ secret: String = secret) -> [(String, String)] {
        [("Authorization", "Basic " + Data("\(id):\(secret)".utf8).base64EncodedString())]
    }

    func exchange(
        _ code: String, headers: [(String, String)] = basic(), more: [(String, String)] = []
    ) throws -> Response {
        try send(
            .post, "/oauth2/token",
            [
                ("grant_type", "authorization_code"), ("code", code), ("code_verifier", OpenIDScene.verifier),
                ("redirect_uri", OpenIDScene.redirectURI),
            ] + more, headers: headers)
    }

    /// The claims of a token, verified with the published keys.
    func claims(_ token: String) throws -> [String: JSONTree] {
        let set = try send(.get, "/oauth2/jwks").tree
        guard case .list(let keys)? = set["keys"] else { throw SupportFailure("no keys") }
        let published = try keys.map { try PublicKey(jwk: $0.text()) }
        guard case .object(let claims)? = JSONTree.strict(try CompactJWS.verify(token, with: published).payload) else {
            throw SupportFailure("no claims")
        }
        return claims
    }
}

extension Response {
    var tree: [String: JSONTree] {
        if case .object(let members)? = JSONTree.strict(body) { members } else { [:] }
    }

    func text(_ name: String) -> String? { if case .text(let text)? = tree[name] { text } else { nil } }
}
