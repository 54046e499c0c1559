import Support
import Testing

@testable import Configuration

/// The keys of `smtp` that tell how to log in.
@Suite("Login at the relay")
struct RelayLoginTests {
    private func problems(_ keys: String) -> [String] {
        let text = """
            {
                publicURL: "https://otp.example.org", database: { path: "a" }, keys: { directory: "b" },
                mail: { from: "pulih@example.org" }, smtp: { host: "relay.example.org", \(keys) },
            }
            """
        do {
            _ = try ConfigurationFile.parse(text, file: "pulih.json5")
            return []
        } catch {
            return (error as? ConfigurationErrors)?.entries.map { "\($0.key): \($0.problem)" } ?? ["\(error)"]
        }
    }

    private static let client =
        #"oauth2: { tokenURL: "https://a.example/t", clientID: "c", clientSecretFile: "s", scope: "x" }"#

    @Test("A password, a token's file or a client: any one, with a name")
    func accepted() {
        for keys in ["", "oauth2: {}", #"passwordFile: "p""#, #"tokenFile: "t""#, Self.client] {
            let name = keys.isEmpty || keys == "oauth2: {}" ? "" : #", username: "u""#
            #expect(problems(keys + name) == [], "\(keys)")
        }
        let refresh =
            #"oauth2: { tokenURL: "http://localhost:1/t", clientID: "c", refreshTokenFile: "r" }, username: "u""#
        #expect(problems(refresh) == [])
    }

    @Test("Two of them exclude each other, and both are named")
    func exclusive() {
        let all = #"username: "u", passwordFile: "p", tokenFile: "t", "# + Self.client
        #expect(
            problems(all) == [
                "smtp.tokenFile: cannot stand beside smtp.passwordFile: keep one of the two",
                "smtp.oauth2: cannot stand beside smtp.passwordFile: keep one of the two",
            ])
        #expect(
            problems(#"username: "u", tokenFile: "t", "# + Self.client)
                == ["smtp.oauth2: cannot stand beside smtp.tokenFile: keep one of the two"])
    }

    @Test("What is missing or wrong is told with its key")
    func faults() {
        #expect(problems(Self.client) == ["smtp.username: is missing: smtp.oauth2 needs it"])
        #expect(
            problems(#"username: "u", oauth2: { scope: "x" }"#).map { $0.prefix { $0 != ":" } } == [
                "smtp.oauth2.tokenURL", "smtp.oauth2.clientID", "smtp.oauth2.clientSecretFile",
            ])
        let clear = Self.client.replacing("https:", with: "http:") + #", username: "u""#
        #expect(problems(clear).first?.hasPrefix("smtp.oauth2.tokenURL: must be https") == true)
        let unknown = Self.client.replacing("scope", with: "scopes") + #", username: "u""#
        #expect(problems(unknown) == ["smtp.oauth2.scopes: is not a key of Pulih; did you mean smtp.oauth2.scope?"])
    }
}
