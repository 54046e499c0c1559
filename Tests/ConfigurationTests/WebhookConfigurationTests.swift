import Domain
import Foundation
import Support
import Testing

@testable import Configuration

@Suite("applications[].webhook")
struct WebhookConfigurationTests {
    private func read(_ webhook: String) throws -> Configuration {
        try ConfigurationFile.parse(
            """
            {
                publicURL: "https://otp.example.org", database: { path: "pulih.db" }, keys: { directory: "keys" },
                smtp: { host: "localhost" }, mail: { from: "Pulih <pulih@example.org>" },
                applications: [{ id: "app", webhook: { \(webhook) } }],
            }
            """, file: "/etc/pulih/pulih.json5")
    }

    @Test("Files are seen from the configuration's folder; without events all are meant")
    func given() throws {
        let given = try #require(
            try read(#"url: "https://app.test/hook", secretFile: "app.secret", events: ["totp.reset"]"#).applications
                .first)
        #expect(given.webhookSecretFile == "/etc/pulih/app.secret" && given.webhookCAFile == nil)
        #expect(given.application.webhook == WebhookSettings(url: "https://app.test/hook", events: [.totpReset]))
        let all = try read(#"url: "http://[::1]:8080/", secretFile: "/run/app.secret""#).applications.first
        #expect(all?.application.webhook?.events == nil && all?.webhookSecretFile == "/run/app.secret")
    }

    @Test(
        "Mistakes are told with key and cure",
        arguments: [
            (#"url: "http://app.test/", secretFile: "s""#, "url", "must be https: it tells who lost a phone"),
            (#"url: "https://u:p@app.test/", secretFile: "s""#, "url", "without a user name"),
            (#"url: "https://app.test/#x", secretFile: "s""#, "url", "is not an https address"),
            (#"url: "https://app.test/""#, "secretFile", "whsec_"),
            (#"secretFile: "s""#, "url", "is missing"),
            (#"url: "https://app.test/", secretFile: "s", events: ["totp.rest"]"#, "events", "is no event"),
            (#"url: "https://app.test/", secretFile: "s", caFile: "/nowhere/ca.pem""#, "caFile", "cannot be read"),
        ])
    func mistakes(webhook: String, key: String, words: String) throws {
        let errors = try #require(throws: ConfigurationErrors.self) { try read(webhook) }
        let told = errors.entries.filter { $0.key == "applications[0].webhook.\(key)" }.map(\.problem).joined()
        #expect(told.contains(words), "\(errors.entries)")
    }

    @Test("A secret file has one secret, or two during a rotation, and nobody else reads it")
    func secrets() throws {
        let folder = try TemporaryFolder()
        let secret = "whsec_\(Data(repeating: 9, count: 32).base64EncodedString())"
        #expect(try WebhookSecretFile.read(try folder.write("\(secret)\n", to: "one")).count == 1)
        #expect(try WebhookSecretFile.read(try folder.write("\(secret)\n\(secret)\n", to: "two")).count == 2)
        for text in ["\(secret)\n\(secret)\n\(secret)\n", "whsec_short\n", "\(secret)\nnone\n", ""] {
            let file = try folder.write(text, to: "wrong")
            let error = #expect(throws: SecretFileError.self) { try WebhookSecretFile.read(file) }
            #expect(error?.sentence.contains(secret) == false)
        }
        let open = try folder.write(secret, to: "open", mode: 0o644)
        #expect(throws: SecretFileError.self) { try WebhookSecretFile.read(open) }
    }
}
