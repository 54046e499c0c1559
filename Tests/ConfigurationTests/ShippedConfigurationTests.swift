import Support
import Testing

@testable import Configuration

@Suite("The configuration that comes with Pulih")
struct ShippedConfigurationTests {
    @Test("Passes as it is, with no application and one relay")
    func whole() throws {
        let configuration = try ConfigurationFile.parse(
            try ProjectFile.text("config/pulih.json5"), file: "/etc/pulih/pulih.json5")
        #expect(configuration.applications.isEmpty)
        #expect(configuration.relays.count == 1)
    }

    @Test("An empty list is accepted where a list belongs, and nowhere else")
    func emptyList() throws {
        let text = try ProjectFile.text("config/pulih.json5")
            .replacing("    applications: [", with: "    aplications: [],\n    applications: [")
        let error = #expect(throws: ConfigurationErrors.self) {
            try ConfigurationFile.parse(text, file: "pulih.json5")
        }
        #expect(error?.entries.map(\.key) == ["aplications"])
    }
}
