import Domain
import Foundation
import Support
import Testing

@testable import Configuration

@Suite("api and applications")
struct ApplicationsConfigurationTests {
    private func read(_ keys: String) throws -> Configuration {
        try ConfigurationFile.parse(
            """
            {
                publicURL: "https://otp.example.org", database: { path: "pulih.db" }, keys: { directory: "keys" },
                smtp: { host: "localhost" }, mail: { from: "Pulih <pulih@example.org>" }, \(keys)
            }
            """, file: "/etc/pulih/pulih.json5")
    }

    private func problems(_ keys: String) -> [String] {
        do {
            _ = try read(keys)
            return []
        } catch let errors as ConfigurationErrors {
            return errors.entries.map(\.key)
        } catch {
            return ["\(error)"]
        }
    }

    @Test("Without api.listen there is no API")
    func off() throws { #expect(try read("").api == nil) }

    @Test("The API listens on loopback, a Unix socket or one of systemd's; elsewhere only behind a proxy that is named")
    func listener() throws {
        for near in ["127.0.0.1:8082", "[::1]:8082", "unix:/run/pulih/api.sock", "systemd:api"] {
            #expect(try read("api: { listen: \"\(near)\" }").api?.text == near)
        }
        for far in ["0.0.0.0:8082", "[::]:8082", "192.0.2.1:8082"] {
            #expect(problems("api: { listen: \"\(far)\" }") == ["api.listen"])
            #expect(problems("api: { listen: \"\(far)\" }, http: { trustedProxies: [\"192.0.2.2\"] }").isEmpty)
        }
    }

    @Test(
        "Mistakes in an application are told with its key",
        arguments: zip(
            [
                #"{ name: "x" }"#, #"{ id: "E Katalog" }"#, #"{ id: "a" }, { id: "a" }"#,
                #"{ id: "a", userTypes: ["dosen"] }"#, #"{ id: "a", userType: "penyedia" }"#,
            ],
            [
                "applications[0].id", "applications[0].id", "applications[1].id", "applications[0].userTypes",
                "applications[0].userType",
            ]))
    func mistakes(_ applications: String, _ key: String) {
        #expect(problems("applications: [\(applications)]") == [key])
    }

    @Test("Where people log in: hosts in small letters, public paths, the factor")
    func login() throws {
        let keys = #"hosts: ["Katalog.Example.org", "[::1]:8443"], publicPaths: ["/a", "/b/"], factor: "totp""#
        let application = try #require(
            try read(#"applications: [{ id: "a", \#(keys) }]"#).applications.first?.application)
        #expect(application.hosts == ["katalog.example.org", "[::1]:8443"])
        #expect(application.publicPaths == ["/a", "/b/"] && application.factor == .totp && application.client == nil)
        #expect(application.origins == ["https://katalog.example.org", "http://[::1]:8443"])
    }

    @Test(
        "A host, a path, a factor or an address that is none is told with its key",
        arguments: [
            (#"hosts: ["https://a.example.org"]"#, "hosts"), (#"hosts: ["a.example.org/"]"#, "hosts"),
            (#"hosts: ["a.example.org:0"]"#, "hosts"), (#"hosts: ["a.example.org:443x"]"#, "hosts"),
            (#"hosts: ["a..example.org"]"#, "hosts"), (#"hosts: ["*.example.org"]"#, "hosts"),
            (#"hosts: ["user@a.example.org"]"#, "hosts"), (#"hosts: ["а.example.org"]"#, "hosts"),
            (#"hosts: [""]"#, "hosts"), (#"publicPaths: ["bantuan"]"#, "publicPaths"),
            (#"publicPaths: ["/a/../b"]"#, "publicPaths"), (#"publicPaths: ["/a%2fb"]"#, "publicPaths"),
            (#"publicPaths: ["/a?b"]"#, "publicPaths"), (#"publicPaths: ["/a//b"]"#, "publicPaths"),
            (#"factor: "sms""#, "factor"), (#"redirectURIs: ["http://a.example.org/cb"]"#, "redirectURIs"),
            (#"redirectURIs: ["https://a.example.org/cb#x"]"#, "redirectURIs"),
            (#"redirectURIs: ["https://u:p@a.example.org/cb"]"#, "redirectURIs"),
            (#"logoutURI: "https://a.example.org/out""#, "logoutURI"),
            (#"clientSecretFile: "a.secret""#, "clientSecretFile"),
            (#"redirectURIs: ["https://a.example.org/cb"], logoutURI: "http://a.example.org/out""#, "logoutURI"),
        ])
    func loginMistakes(_ keys: String, _ key: String) {
        #expect(problems(#"applications: [{ id: "a", \#(keys) }]"#) == ["applications[0].\(key)"])
    }

    @Test("Two applications share no host")
    func sharedHost() {
        let two = #"{ id: "a", hosts: ["x.example.org"] }, { id: "b", hosts: ["X.example.org"] }"#
        #expect(problems("applications: [\(two)]") == ["applications[1].hosts"])
    }
}
