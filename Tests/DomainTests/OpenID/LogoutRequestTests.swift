import Domain
import Support
import Testing

@Suite("Logouts that applications ask for")
struct LogoutRequestTests {
    private let scene: OpenIDScene

    init() throws { scene = try OpenIDScene() }

    private func read(_ fields: [String: String]) throws(LogoutRequest.Mistake) -> LogoutRequest {
        let parameters = ProtocolParameters(fields.sorted { $0.key < $1.key }.map { ($0.key, $0.value) })
        return try LogoutRequest(parameters, among: scene.applications) { text in
            text == "mine" ? IDTokenHint(subject: "s", audience: "e-katalog", session: "sid") : nil
        }
    }

    @Test("A hint names application and login; the way back has the origin of a registered address, and the state")
    func hint() throws {
        let target = "https://katalog.example.org/bye?x=1"
        let asked = try read(["id_token_hint": "mine", "post_logout_redirect_uri": target, "state": "a b"])
        #expect(asked.application?.id == "e-katalog" && asked.session == "sid")
        #expect(asked.target == target + "&state=a%20b")
        #expect(try read(["client_id": "e-katalog", "post_logout_redirect_uri": target]).target == target)
        #expect(try read([:]) == read(["logout_hint": "budi"]))
    }

    @Test(
        "No other address is gone to",
        arguments: [
            "https://evil.test/", "//katalog.example.org/", "https://katalog.example.org@evil.test/",
            "https://katalog.example.org:8443/", "http://katalog.example.org/", "https:\\\\katalog.example.org/",
            "https://katalog.example.org\\@evil.test/", "https://katalog.example.org.evil.test/",
            "https://katalog.ex\u{0430}mple.org/", "https://katalog.example.org/#x", "https://katalog.example.org/\n",
            "javascript:alert(1)//katalog.example.org", "https://other.example.org/", "/home", "katalog.example.org",
        ])
    func foreign(target: String) {
        #expect(throws: LogoutRequest.Mistake.foreignRedirect) {
            try read(["id_token_hint": "mine", "post_logout_redirect_uri": target])
        }
        #expect(throws: LogoutRequest.Mistake.foreignRedirect) { try read(["post_logout_redirect_uri": target]) }
    }

    @Test("A hint that is none, or another client's, is refused; so is a client that nobody knows")
    func mistakes() {
        #expect(throws: LogoutRequest.Mistake.foreignHint) { try read(["id_token_hint": "forged"]) }
        #expect(throws: LogoutRequest.Mistake.foreignHint) {
            try read(["id_token_hint": "mine", "client_id": "other"])
        }
        #expect(throws: LogoutRequest.Mistake.unknownClient) { try read(["client_id": "nobody"]) }
    }
}
