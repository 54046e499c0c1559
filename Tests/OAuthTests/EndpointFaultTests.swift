import SMTP
import Support
import Testing
import Threading

@testable import OAuth

/// Every way in which an endpoint gives no token, each told with a cure and without a secret.
@Suite("Faults of a token endpoint")
struct EndpointFaultTests {
    private static let secret = "client-secret-4d81-which-is-long"

    struct Fault: Sendable {
        let answer: ScriptedServer.Answer
        let signs: [String]
    }

    @Test(
        "What the endpoint says is told in its own words",
        arguments: [
            Fault(
                answer: .error("invalid_client", "AADSTS7000215: Invalid client secret"),
                signs: ["refused with \"invalid_client: AADSTS7000215: Invalid client secret\"", "clientSecretFile"]),
            Fault(
                answer: .error("invalid_scope", "unknown"),
                signs: ["the scope \"mail.send\" is wrong; check smtp.oauth2.scope"]),
            Fault(answer: .error("invalid_grant", "revoked"), signs: ["give consent anew", "refreshTokenFile"]),
            Fault(answer: .error("unauthorized_client", ""), signs: ["allow the client pulih"]),
            Fault(answer: .error("invalid_client", "line\\r\\nbreak"), signs: ["invalid_client: line  break\""]),
            Fault(answer: .error("invalid_client", String(repeating: "x", count: 9000)), signs: ["xxx\""]),
            Fault(
                answer: .error("invalid_client", "you said \(secret)"),
                signs: ["refused with \"withheld: it repeats a secret\""]),
            Fault(
                answer: .init(status: 302, "", headers: ["Location": "https://elsewhere.example/"]),
                signs: ["sends elsewhere (HTTP 302)", "redirects are not followed"]),
            Fault(answer: .init(status: 502, "<html>"), signs: ["answered HTTP 502 without a token"]),
            Fault(answer: .init("{}"), signs: ["answered HTTP 200 without a token"]),
            Fault(answer: .token("two words"), signs: ["answered HTTP 200 without a token"]),
            Fault(
                answer: .init(#"{"access_token": "a", "token_type": "mac"}"#), signs: ["another type than Bearer"]),
            Fault(answer: .token(String(repeating: "a", count: 70_000)), signs: ["answered with more than 64 kB"]),
        ])
    func told(fault: Fault) throws {
        let server = try ScriptedServer(TestCertificate(), [fault.answer])
        let error = try #require(failure(url: server.url, caFile: server.authorityFile))
        let text = "\(error.event): \(error.cure)"
        for sign in fault.signs + [server.url] { #expect(text.contains(sign), "\(text)") }
        #expect(!text.contains(Self.secret) && text.utf8.count < 900 && !text.contains("\n"))
        #expect(server.requests.count == 1)
    }

    @Test("A certificate from an unknown authority, or for another name, is not trusted, and nothing is sent")
    func certificate() throws {
        let server = try ScriptedServer(TestCertificate(), [.token("first")])
        let stranger = try TestCertificate()
        let misnamed = try ScriptedServer(TestCertificate(for: ["tokens.example.org"]), [.token("first")])
        for (url, caFile) in [
            (server.url, nil), (server.url, stranger.authorityFile), (misnamed.url, misnamed.authorityFile),
        ] {
            let error = try #require(failure(url: url, caFile: caFile))
            #expect(error.event.contains("has a certificate that cannot be trusted"), "\(error)")
            #expect(error.cure.contains("smtp.oauth2.caFile"))
        }
        #expect(server.requests.isEmpty && misnamed.requests.isEmpty)
    }

    @Test("Nobody listens, no such name, no answer in time")
    func reach() throws {
        let port = try FreePort()
        let unreachable = try #require(failure(url: "https://localhost:\(port.number)/token"))
        #expect(unreachable.event.hasSuffix("cannot be reached (Connection refused)"), "\(unreachable)")
        let unknown = try #require(failure(url: "https://tokens.invalid/token"))
        #expect(unknown.event.hasSuffix("cannot be found by name"))
        let server = try ScriptedServer(TestCertificate(), [.token("first", isHeld: true)])
        let slow = try #require(failure(url: server.url, caFile: server.authorityFile, timeout: .seconds(1)))
        #expect(slow.event.hasSuffix("did not answer within 1 s"))
        try server.release()
    }

    @Test("In clear on this machine only")
    func clearText() throws {
        let server = try ScriptedServer(nil, [.token("first")])
        #expect(failure(url: server.url) == nil)
        for url in ["https://a.example/t", "http://localhost:1/t", "http://127.0.0.1/", "http://[::1]:1/"] {
            #expect(TokenEndpoint.problem(with: url) == nil, "\(url)")
        }
        for url in [
            "http://a.example/t", "http://127.0.0.1.example/", "ftp://localhost/", "https://u:p@a.example/", "a", "",
            "https:///t", "https://a.example/ t", "http://localhost\\@a.example/", "https://a.example/#t",
        ] {
            #expect(TokenEndpoint.problem(with: url) != nil, "\(url)")
        }
    }

    private func failure(url: String, caFile: String? = nil, timeout: Duration = .seconds(15)) -> TokenError? {
        let endpoint = TokenEndpoint(
            url: url, caFile: caFile, clientID: "pulih", clientSecret: { .success(Self.secret) }, scope: "mail.send",
            timeout: timeout)
        do throws(TokenError) {
            _ = try TokenCache(endpoint).token(insteadOf: nil, stop: StopSignal())
            return nil
        } catch {
            return error
        }
    }
}
