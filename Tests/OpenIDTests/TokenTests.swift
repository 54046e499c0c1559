import Domain
import Foundation
import HTTPServer
import JOSE
import JSON
import OpenID
import Support
import Testing

@Suite("The token endpoint and its neighbours")
struct TokenTests {
    private let fixture: ProviderFixture
    private var scene: OpenIDScene { fixture.scene }

    init() throws { fixture = try ProviderFixture() }

    private func code() throws -> String { try #require(try scene.code()).text }

    @Test("A code brings tokens that say who, for whom, when and how")
    func tokens() throws {
        let answer = try fixture.exchange(try code())
        #expect(answer.status == 200 && answer.headers["Cache-Control"] == "no-store")
        #expect(answer.tree["expires_in"] == 600 && answer.text("token_type") == "Bearer")
        #expect(answer.text("scope") == "openid profile")
        let claims = try fixture.claims(try #require(answer.text("id_token")))
        #expect(
            claims["iss"] == .text(ProviderFixture.issuer) && claims["aud"] == "e-katalog" && claims["nonce"] == "n")
        #expect(claims["amr"] == ["pwd", "otp"] && claims["acr"] == "https://refeds.org/profile/mfa")
        #expect(claims["preferred_username"] == "budi" && claims["email"] == nil)
        let seconds = Double(scene.now.milliseconds / 1000)
        #expect(claims["iat"] == .number(seconds) && claims["exp"] == .number(seconds + 600))
        #expect(claims["auth_time"] == .number(seconds))
        let facts = try fixture.send(
            .get, "/oauth2/userinfo",
            headers: [("Authorization", "Bearer \(try #require(answer.text("access_token")))")])
        #expect(facts.status == 200 && facts.tree["sub"] == claims["sub"] && facts.text("user_type") == "penyedia")
    }

    @Test("A refreshed ID token keeps subject and time of the login, and has no nonce")
    func refreshed() throws {
        let first = try fixture.exchange(try code())
        scene.clock.advance(.minutes(5))
        let answer = try fixture.send(
            .post, "/oauth2/token",
            [("grant_type", "refresh_token"), ("refresh_token", try #require(first.text("refresh_token")))],
            headers: ProviderFixture.basic())
        let (old, new) = (
            try fixture.claims(try #require(first.text("id_token"))),
            try fixture.claims(try #require(answer.text("id_token")))
        )
        #expect(new["nonce"] == nil && new["sub"] == old["sub"] && new["auth_time"] == old["auth_time"])
        #expect(new["sid"] == old["sid"] && new["iat"] != old["iat"])
    }

    @Test("A missing, double or unknown field has its error", arguments: ["grant_type", "code", "code_verifier"])
    func fields(name: String) throws {
        let code = try code()
        let all = [
            ("grant_type", "authorization_code"), ("code", code), ("code_verifier", OpenIDScene.verifier),
            ("redirect_uri", OpenIDScene.redirectURI),
        ]
        let without = all.filter { $0.0 != name }
        for fields in [without, all + all.filter { $0.0 == name }, without + [(name, "")]] {
            let answer = try fixture.send(.post, "/oauth2/token", fields, headers: ProviderFixture.basic())
            #expect(answer.status == 400 && answer.text("error") == "invalid_request")
        }
        #expect(try fixture.exchange(code).status == 200)
        let unknown = try fixture.send(
            .post, "/oauth2/token", [("grant_type", "password")], headers: ProviderFixture.basic())
        #expect(unknown.text("error") == "unsupported_grant_type")
    }

    @Test("A client shows its secret in the header or in the form, and not in both")
    func authentication() throws {
        #expect(try fixture.exchange(try code(), headers: ProviderFixture.basic()).status == 200)
        let inForm = [("client_id", "e-katalog"), ("client_secret", ProviderFixture.secret)]
        #expect(try fixture.exchange(try code(), headers: [], more: inForm).status == 200)
        let both = try fixture.exchange(try code(), more: [inForm[1]])
        #expect(both.status == 400 && both.text("error") == "invalid_request")
        #expect(try fixture.exchange(try code(), more: [("client_id", "other")]).text("error") == "invalid_request")
        for headers in [
            ProviderFixture.basic("e-katalog", "wrong"), ProviderFixture.basic("nobody"), ProviderFixture.basic("spa"),
            ProviderFixture.basic("other"), [("Authorization", "Basic !"), ("Authorization", "Basic !")],
            [("Authorization", "Bearer x")], [("Authorization", "Basic bm9jb2xvbg==")],
        ] {
            let answer = try fixture.exchange(try code(), headers: headers)
            #expect(answer.status == 401 || answer.status == 400)
            if answer.status == 401 {
                #expect(answer.text("error") == "invalid_client")
                #expect(answer.headers["WWW-Authenticate"] == #"Basic realm="pulih""#)
            }
        }
        // A confidential client cannot do without.
        #expect(try fixture.exchange(try code(), headers: [], more: [inForm[0]]).text("error") == "invalid_client")
        #expect(try fixture.exchange(try code(), headers: [], more: []).text("error") == "invalid_client")
    }

    @Test("Guessing is slowed down by address, audited, and shuts out nobody who knows the secret")
    func guessing() throws {
        for _ in 0..<ClientAuthentication.maximumPerAddress {
            #expect(try fixture.exchange("x", headers: ProviderFixture.basic("e-katalog", "wrong")).status == 401)
        }
        let answer = try fixture.exchange("x", headers: ProviderFixture.basic("e-katalog", "wrong"))
        #expect(answer.status == 429 && answer.text("error") == "invalid_client")
        #expect(try fixture.exchange(try code()).status == 200)
        let refusals = try scene.login.events().filter { $0 == "authn_application_client_fail" }
        #expect(refusals.count == ClientAuthentication.maximumPerAddress)
    }

    @Test("Both secrets of a rotation are good")
    func rotation() throws {
        for first in ["o", "p"] {
            let headers = ProviderFixture.basic("other", first + ProviderFixture.secret)
            #expect(try fixture.exchange("x", headers: headers).text("error") == "invalid_grant")
        }
    }

    @Test("What no access token opens is 401 and says how to come in")
    func userInfo() throws {
        let bare = try fixture.send(.get, "/oauth2/userinfo")
        #expect(bare.status == 401 && bare.headers["WWW-Authenticate"] == #"Bearer realm="pulih""#)
        let tokens = try scene.tokens()
        for text in ["x", tokens.refresh.text, ProviderFixture.secret] {
            let answer = try fixture.send(.get, "/oauth2/userinfo", headers: [("Authorization", "Bearer \(text)")])
            #expect(answer.status == 401)
            #expect(answer.headers["WWW-Authenticate"]?.contains(#"error="invalid_token""#) == true)
        }
        let inForm = try fixture.send(.post, "/oauth2/userinfo", [("access_token", tokens.access.text)])
        #expect(inForm.text("sub") == tokens.identity.subject)
        let both = try fixture.send(
            .post, "/oauth2/userinfo", [("access_token", tokens.access.text)],
            headers: [("Authorization", "Bearer \(tokens.access.text)")])
        #expect(both.status == 400)
        scene.clock.advance(.minutes(10))
        #expect(try fixture.send(.post, "/oauth2/userinfo", [("access_token", tokens.access.text)]).status == 401)
    }

    @Test("Revocation takes what it is given, and another client's token from nobody")
    func revocation() throws {
        let tokens = try scene.tokens()
        let foreign = try fixture.send(
            .post, "/oauth2/revoke", [("token", tokens.refresh.text)],
            headers: ProviderFixture.basic("other", "o" + ProviderFixture.secret))
        #expect(foreign.status == 400 && foreign.text("error") == "invalid_grant")
        for text in [tokens.refresh.text, tokens.refresh.text, "nothing"] {
            let answer = try fixture.send(
                .post, "/oauth2/revoke", [("token", text), ("token_type_hint", "access_token")],
                headers: ProviderFixture.basic())
            #expect(answer.status == 200)
        }
        #expect(try scene.access(tokens.access.text) == nil)
        #expect(
            try fixture.send(.post, "/oauth2/revoke", headers: ProviderFixture.basic()).text("error")
                == "invalid_request")
        #expect(try fixture.send(.post, "/oauth2/revoke", [("token", "x")]).status == 401)
    }

    @Test(
        "Discovery and keys may be kept, and are told apart by their tags; every address takes calls of other origins")
    func published() throws {
        for path in ["/.well-known/openid-configuration", "/oauth2/jwks"] {
            let answer = try fixture.send(.get, path)
            #expect(answer.status == 200 && answer.headers["Cache-Control"] == "public, max-age=3600")
            let tag = try #require(answer.headers["ETag"])
            #expect(try fixture.send(.get, path, headers: [("If-None-Match", "\"x\", \(tag)")]).status == 304)
            #expect(answer.headers["Access-Control-Allow-Origin"] == "*")
        }
        let asked = try fixture.send(.other("OPTIONS"), "/oauth2/token")
        #expect(asked.status == 204 && asked.headers["Access-Control-Allow-Headers"] == "Authorization, Content-Type")
        #expect(try fixture.send(.get, "/oauth2/token").status == 405)
        let document = try fixture.send(.get, "/.well-known/openid-configuration").tree
        #expect(document["issuer"] == .text(ProviderFixture.issuer))
        #expect(document["code_challenge_methods_supported"] == ["S256"])
        #expect(document["id_token_signing_alg_values_supported"] == ["ES256", "RS256"])
    }

    @Test("An ID token comes back as a hint, also when it has expired; nothing else does")
    func hints() throws {
        let answer = try fixture.exchange(try code())
        let (token, now) = (try #require(answer.text("id_token")), scene.now)
        let hint = try #require(fixture.tokens.hint(token, at: now + .hours(1)))
        #expect(try scene.tokens().identity.subject == hint.subject && hint.audience == "e-katalog")
        let parts = token.split(separator: ".").map(String.init)
        let none = Data(#"{"alg":"none","typ":"JWT"}"#.utf8).base64EncodedString().replacing("=", with: "")
        let notice = LogoutNotice(id: "i", subject: hint.subject, session: hint.session)
        let logout = LogoutTokens(issuer: ProviderFixture.issuer, keys: TokenKeySet { ProviderFixture.entries })
            .token(notice, for: scene.application, at: now)
        let foreign = IDTokens(
            issuer: ProviderFixture.issuer,
            keys: TokenKeySet {
                TokenAlgorithm.allCases.map {
                    .init(
                        algorithm: $0, from: Instant(milliseconds: 0),
                        key: .generate(SignatureAlgorithm(rawValue: $0.rawValue)!))
                }
            })
        let elsewhere = IDTokens(issuer: "https://evil.test", keys: TokenKeySet { ProviderFixture.entries })
        for bad in [
            "", "x", "\(none).\(parts[1]).", "\(none).\(parts[1]).\(parts[2])", "\(parts[0]).\(parts[1]).",
            "\(parts[0]).e30.\(parts[2])", token + "x", logout, answer.text("access_token") ?? "",
        ] {
            #expect(fixture.tokens.hint(bad, at: now) == nil)
        }
        #expect(foreign.hint(token, at: now) == nil && elsewhere.hint(token, at: now) == nil)
    }
}
