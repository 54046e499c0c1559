import Foundation
import Support
import Testing

@testable import Demo

struct DemoProxyTests {
    private let ports = DemoPorts(from: 8080)

    /// The directives of a configuration in order, without comments and indentation.
    private func directives(_ text: String) -> [String] {
        text.split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) }
            .filter { !$0.hasPrefix("#") && $0 != "}" }
    }

    @Test("Its site does for the notice board what the shipped one does for an application, but for TLS and WebSockets")
    func sameAsShipped() throws {
        let shipped = try String(contentsOfFile: ProjectFile.path("config/nginx/application.conf"), encoding: .utf8)
            .replacing("http://127.0.0.1:9000", with: "http://127.0.0.1:8085")
        let start = try #require(shipped.range(of: "proxy_http_version")).lowerBound
        let own = DemoProxy.configuration(folder: "/x", ports: ports, isRoot: false)
        let ownStart = try #require(own.range(of: "proxy_http_version")).lowerBound
        let wanted = directives(String(shipped[start...])).filter {
            !$0.contains("$http_upgrade") && !$0.contains("$pulih_connection")
        }
        #expect(wanted.count > 30)
        #expect(directives(String(own[ownStart...])) == wanted)
    }

    @Test("nginx stays root only where root runs the demo")
    func user() {
        #expect(
            DemoProxy.configuration(folder: "/x", ports: ports, isRoot: true).hasPrefix("user root;\ndaemon off;\n"))
        #expect(DemoProxy.configuration(folder: "/x", ports: ports, isRoot: false).hasPrefix("daemon off;\n"))
    }
}
