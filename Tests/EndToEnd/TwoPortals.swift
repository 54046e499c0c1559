import Foundation
import Support
import Testing

/// Two portals of one installation, and nginx before them with the README's lines.
final class TwoPortals: Sendable {
    private let installation: Installation
    private let portals: [Subprocess]
    private let proxy: Subprocess
    private let port: FreePort
    private let ports: [FreePort]

    init(_ installation: Installation) throws {
        self.installation = installation
        let folder = installation.folder
        ports = [installation.portal, try FreePort()]
        let other = try folder.write(
            try folder.read("pulih.json5").replacingOccurrences(
                of: "listen: \"127.0.0.1:\(installation.portal.number)\"",
                with: "listen: \"127.0.0.1:\(ports[1].number)\""), to: "second.json5")
        portals = [
            try installation.start("portal"),
            try installation.start("portal", configuration: other),
        ]
        port = try FreePort()
        var upstream = try ProjectFile.readmeBlock("nginx", with: "upstream pulih_portal")
        for (name, port) in zip(["app1", "app2"], ports) {
            upstream = upstream.replacingOccurrences(of: "\(name).example.org:8080", with: "127.0.0.1:\(port.number)")
        }
        let site = try folder.write(
            """
            daemon off;
            error_log stderr warn;
            pid \(folder.file("nginx.pid"));
            events {}
            http {
                access_log off;
                client_body_temp_path \(folder.file("body"));
                proxy_temp_path \(folder.file("proxy"));
                fastcgi_temp_path \(folder.file("fastcgi"));
                uwsgi_temp_path \(folder.file("uwsgi"));
                scgi_temp_path \(folder.file("scgi"));
                \(upstream)
                server {
                    listen 127.0.0.1:\(port.number);
                    location / { proxy_pass http://pulih_portal; proxy_set_header Host $http_host; }
                }
            }
            """, to: "nginx.conf")
        proxy = try Subprocess("nginx", ["-c", site, "-p", folder.path, "-e", "stderr"])
        try Eventually.holds("nginx listens\n\(proxy.transcript)", timeout: .seconds(30)) {
            try #require(proxy.exit == nil, "\(proxy.transcript)")
            return try port.hasListener
        }
    }

    /// The status of one try; nil when there was no form, or no connection.
    func askOnce(for person: Installation.Person) throws -> Int? {
        try? installation.ask(for: person, through: port).status
    }

    /// The status of the first try that is neither refused for now nor lost.
    func ask(for person: Installation.Person) throws -> Int {
        try Eventually.value("a portal takes a request", timeout: .seconds(60)) {
            guard let status = try askOnce(for: person), ![502, 503, 504].contains(status) else { return nil }
            return status
        }
    }
}
