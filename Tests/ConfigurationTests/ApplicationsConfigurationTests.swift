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
}
