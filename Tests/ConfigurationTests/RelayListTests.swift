import Domain
import SMTP
import Support
import Testing

@testable import Configuration

/// `smtp` as one relay or as a list.
@Suite("A list of relays")
struct RelayListTests {
    private func read(_ smtp: String) throws -> Configuration {
        try ConfigurationFile.parse(
            """
            {
                publicURL: "https://otp.example.org", database: { path: "a" }, keys: { directory: "b" },
                mail: { from: "pulih@example.org" }, smtp: \(smtp),
            }
            """, file: "pulih.json5")
    }

    private func problems(_ smtp: String) -> [String] {
        do {
            _ = try read(smtp)
            return []
        } catch {
            return (error as? ConfigurationErrors)?.entries.map { "\($0.key): \($0.problem)" } ?? ["\(error)"]
        }
    }

    @Test("One relay is called by host and port, unless it has a name")
    func one() throws {
        #expect(try read(#"{ host: "relay.example.org" }"#).relays.map(\.name) == ["relay.example.org:587"])
        #expect(try read(#"[{ host: "::1", tls: "none", port: 25 }]"#).relays.map(\.name) == ["[::1]:25"])
        #expect(try read(#"{ host: "relay.example.org", name: "m365" }"#).relays.map(\.name) == ["m365"])
    }

    @Test("Each of several has all keys of its own, in its order")
    func several() throws {
        let relays = try read(
            """
            [
                { host: "a.example.org", messagesPerConnection: 3, timeouts: { rcpt: "5 s" } },
                { host: "b.example.org", tls: "tls", idleTimeout: "5 s", username: "u", passwordFile: "b.password" },
            ]
            """
        ).relays
        #expect(relays.map(\.name) == ["a.example.org:587", "b.example.org:465"])
        #expect(relays.map(\.anonymous.messagesPerConnection) == [3, 10])
        #expect(relays.map(\.anonymous.timeouts.recipient) == [.seconds(5), .seconds(30)])
        #expect(relays.map(\.idleTimeout) == [.seconds(30), .seconds(5)])
        #expect(relays.map { $0.login == nil } == [true, false])
    }

    @Test(
        "Each mistake is told with the place of its relay",
        arguments: [
            ("[]", "smtp: must be one relay, { host: … }, or a list of 1 to 8"),
            (
                #"[{ host: "a" }, { port: 25 }]"#,
                "smtp[1].host: is missing: the mail relay, such as \"smtp.example.org\""
            ),
            (#"[{ host: "a", prot: 25 }]"#, "smtp[0].prot: is not a key of Pulih; did you mean smtp[0].port?"),
            (
                #"[{ host: "a", timeouts: { rctp: "1 s" } }]"#,
                "smtp[0].timeouts.rctp: is not a key of Pulih; did you mean smtp[0].timeouts.rcpt?"
            ),
            (
                #"[{ host: "a" }, { host: "a" }]"#,
                "smtp[1].name: is \"a:587\" like that of smtp[0]: give each a name of its own"
            ),
            (
                #"{ host: "a", name: "two words" }"#,
                "smtp.name: must be 1 to 64 visible ASCII characters without spaces"
            ),
            (
                #"[{ host: "a" }, { host: "b", username: "u" }]"#,
                "smtp[1].passwordFile: is missing: smtp[1].username needs it, or smtp[1].tokenFile, or smtp[1].oauth2"
            ),
            (
                #"[{ host: "a.example.org", tls: "none" }]"#,
                "smtp[0]: TLS may only be off for a relay on this machine (127.0.0.0/8, ::1, localhost)"
            ),
            (#"["relay.example.org"]"#, "smtp[0].host: is missing: the mail relay, such as \"smtp.example.org\""),
            (#""relay.example.org""#, "smtp.host: is missing: the mail relay, such as \"smtp.example.org\""),
        ])
    func mistakes(smtp: String, problem: String) {
        #expect(problems(smtp).first == problem)
    }
}
