import Domain
import Support
import Testing

@Suite("Authorization requests")
struct AuthorizationRequestTests {
    private let scene: OpenIDScene

    init() throws { scene = try OpenIDScene() }

    @Test("A request is read whole, and can be asked again as it was")
    func whole() throws {
        let request = try scene.request([
            "scope": "openid email address", "prompt": "consent login", "max_age": "60", "login_hint": "budi",
            "ui_locales": "en-GB fr id", "id_token_hint": "x", "response_mode": "query", "claims": "{}",
            "display": "page",
        ])
        #expect(request.client.application.id == "e-katalog" && request.client.state == "s")
        #expect(request.scopes == [.openid, .email] && request.nonce == "n")
        #expect(request.wantsLogin && !request.isSilent && request.maximumAge == .seconds(60))
        #expect(request.languages == [.english, .indonesian] && request.idTokenHint == "x")
        let fields = request.address.split(separator: "?")[1].split(separator: "&").map { field in
            let pair = field.split(separator: "=", omittingEmptySubsequences: false).map(String.init)
            return (name: pair[0], value: PercentEncoding.decodeLenient(pair[1]))
        }
        let parameters = ProtocolParameters(fields)
        let again = try AuthorizationRequest(
            parameters, from: AuthorizationClient(parameters, among: scene.applications))
        #expect(again == request)
        #expect(AuthorizationRequest.userID(hintedIn: request.address)?.text == "budi")
        #expect(AuthorizationRequest.userID(hintedIn: "/elsewhere?a=1&login_hint=budi") == nil)
    }

    @Test(
        "What is wrong is told by the name that the specifications have for it",
        arguments: [
            (["response_type": nil], "invalid_request"), (["response_type": "token"], "unsupported_response_type"),
            (["response_type": "code id_token"], "unsupported_response_type"), (["scope": nil], "invalid_scope"),
            (["scope": "profile"], "invalid_scope"), (["scope": "OPENID"], "invalid_scope"),
            (["code_challenge": nil], "invalid_request"), (["code_challenge_method": nil], "invalid_request"),
            (["code_challenge_method": "plain"], "invalid_request"), (["code_challenge": "short"], "invalid_request"),
            (["code_challenge": OpenIDScene.challenge + "="], "invalid_request"),
            (["prompt": "none login"], "invalid_request"), (["prompt": "Login"], "invalid_request"),
            (["max_age": "-1"], "invalid_request"), (["max_age": "1.5"], "invalid_request"),
            (["max_age": "\u{0663}"], "invalid_request"), (["max_age": "9999999999"], "invalid_request"),
            (["request": "x"], "request_not_supported"), (["request_uri": "https://x/"], "request_uri_not_supported"),
            (["registration": "{}"], "registration_not_supported"), (["response_mode": "form_post"], "invalid_request"),
            (["response_mode": "fragment"], "invalid_request"),
            (["state": String(repeating: "x", count: 2800)], "invalid_request"),
            (["nonce": String(repeating: "x", count: 2800)], "invalid_request"),
        ] as [([String: String?], String)])
    func wrong(changes: [String: String?], code: String) throws {
        let error = try #require(throws: AuthorizationError.self) { try scene.request(changes) }
        #expect(error.code.rawValue == code)
        #expect(error.description.utf8.allSatisfy { (0x20...0x7E).contains($0) && $0 != 0x22 && $0 != 0x5C })
    }

    @Test(
        "Whoever asks is proven before anybody is told anything",
        arguments: [
            ["client_id": nil], ["client_id": "nobody"], ["client_id": "E-KATALOG"], ["redirect_uri": nil],
            ["redirect_uri": "https://evil.test/"], ["client_id": "other"],
        ] as [[String: String?]])
    func untrusted(changes: [String: String?]) {
        #expect(throws: UntrustedRequest.self) { try scene.request(changes) }
    }

    @Test(
        "A parameter that comes twice is refused, even with one value",
        arguments: ["state", "nonce", "scope", "response_type", "code_challenge", "prompt", "unknown"])
    func twice(name: String) throws {
        let pairs: [ProtocolParameters.Pair] = [
            ("client_id", "e-katalog"), ("redirect_uri", OpenIDScene.redirectURI), ("response_type", "code"),
            ("scope", "openid"), ("code_challenge", OpenIDScene.challenge), ("code_challenge_method", "S256"),
        ]
        let value = pairs.first { $0.name == name }?.value ?? "x"
        let parameters = ProtocolParameters(pairs.filter { $0.name != name } + [(name, value), (name, value)])
        let client = try AuthorizationClient(parameters, among: scene.applications)
        let error = try #require(throws: AuthorizationError.self) { try AuthorizationRequest(parameters, from: client) }
        #expect(error.code == .invalidRequest && error.description == "\(name) comes twice")
        #expect(client.state == nil)
    }

    @Test("Who asks and where to answer must not come twice either", arguments: ["client_id", "redirect_uri"])
    func twiceProven(name: String) {
        let pairs: [ProtocolParameters.Pair] = [("client_id", "e-katalog"), ("redirect_uri", OpenIDScene.redirectURI)]
        let parameters = ProtocolParameters(pairs + pairs.filter { $0.name == name })
        #expect(throws: UntrustedRequest.self) { try AuthorizationClient(parameters, among: scene.applications) }
    }

    @Test("An answer says which provider gives it, and gives the state back")
    func answer() throws {
        let client = try scene.request(["state": "a&b=c\u{e9}"]).client
        let address = client.address([("code", "x")], issuer: "https://otp.example.org")
        #expect(
            address == OpenIDScene.redirectURI + "?code=x&state=a%26b%3Dc%C3%A9&iss=https%3A%2F%2Fotp.example.org")
    }

    @Test("A verifier is right, or it is not")
    func verifier() {
        #expect(PKCE.accepts(OpenIDScene.verifier, for: OpenIDScene.challenge))
        for wrong in ["", OpenIDScene.challenge, OpenIDScene.verifier + "x", String(OpenIDScene.verifier.dropLast())] {
            #expect(!PKCE.accepts(wrong, for: OpenIDScene.challenge))
        }
    }
}
