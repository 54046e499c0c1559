import Domain
import Testing

@testable import Configuration

@Suite("mail.bounce")
struct ReturnMailboxTests {
    private func read(_ mail: String) throws -> Configuration {
        try ConfigurationFile.parse(
            """
            {
                publicURL: "https://otp.example.org", database: { path: "pulih.db" }, keys: { directory: "keys" },
                smtp: { host: "localhost" }, mail: { from: "Pulih <pulih@example.org>", \(mail) },
            }
            """, file: "/etc/pulih/pulih.json5")
    }

    @Test("Is the envelope's sender; without it the sender is")
    func given() throws {
        #expect(try read("").mail.bounce == nil)
        #expect(try read("").mail.envelopeSender == "pulih@example.org")
        let mail = try read("bounce: \"bounce@example.org\"").mail
        #expect(mail.bounce?.text == "bounce@example.org")
        #expect(mail.envelopeSender == "bounce@example.org")
    }

    @Test(
        "Must be an address with room for number and tag",
        arguments: ["bounce", "Name <bounce@example.org>", "abcdefghijklmnopqrstuvwxyz01@example.org", ""])
    func refused(text: String) throws {
        let errors = try #require(throws: ConfigurationErrors.self) { try read("bounce: \"\(text)\"") }
        #expect(errors.entries.map(\.key) == ["mail.bounce"])
        #expect(errors.entries[0].problem.contains("at most 27 characters before the @"))
    }
}
