import Foundation
import Glibc
import Support
import Testing

/// An application that stands behind Pulih, with a real proxy of either kind before both, over TLS and HTTP/2: the sites that
/// come with Pulih, with nothing changed but names of files, ports and hosts.
final class ProxyScene: Sendable {
    enum Proxy: String, CaseIterable, CustomTestStringConvertible {
        case nginx, caddy
        var testDescription: String { rawValue }
    }

    let installation: Installation
    let backend: BackendServer
    let portal: Subprocess
    let tls: FreePort
    let certificate: TestCertificate
    private let proxy: Subprocess

    private static let config = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("config").path

    var host: String { "katalog.example.org:\(tls.number)" }
    var portalHost: String { "otp.example.org:\(tls.number)" }

    init(_ kind: Proxy) throws {
        installation = try Installation()
        backend = try BackendServer()
        tls = try FreePort()
        certificate = try TestCertificate(for: ["otp.example.org", "katalog.example.org"])
        let folder = installation.folder
        let socket = folder.file("portal.sock")
        let settings = try folder.read("pulih.json5").replacingOccurrences(
            of: "publicURL: \"\(installation.publicURL)\"",
            with: """
                publicURL: "https://otp.example.org:\(tls.number)",
                \(try Self.applications(at: tls))
                log: { level: "info" }
                """
        ).replacingOccurrences(
            of: "listen: \"127.0.0.1:\(installation.portal.number)\"", with: "listen: \"unix:\(socket)\"")
        try folder.write(settings, to: "pulih.json5")
        portal = try installation.start("portal")
        switch kind {
        case .nginx: proxy = try Self.nginx(folder, tls, certificate, backend.port, socket)
        case .caddy: proxy = try Self.caddy(folder, tls, certificate, backend.port, socket)
        }
        try Eventually.holds("the proxy serves", timeout: .seconds(20)) {
            (try? curl("https://\(portalHost)/login").status) == 200
        }
    }

    /// The lines of the README, with the port.
    private static func applications(at port: FreePort) throws -> String {
        try ProjectFile.readmeBlock("json5", with: "hosts:")
            .replacing("katalog.example.org", with: "katalog.example.org:\(port.number)")
    }

    private static func changed(_ file: String, _ changes: [(String, String)]) throws -> String {
        let shipped = try String(contentsOfFile: "\(config)/\(file)", encoding: .utf8)
        return changes.reduce(shipped) { site, change in
            let isThere = site.contains(change.0)
            #expect(isThere, "\(file): \(change.0)")
            return site.replacingOccurrences(of: change.0, with: change.1)
        }
    }

    private static func nginx(
        _ folder: TemporaryFolder, _ tls: FreePort, _ certificate: TestCertificate, _ backend: FreePort,
        _ socket: String
    ) throws -> Subprocess {
        func tlsChanges(_ name: String) -> [(String, String)] {
            [
                ("/etc/letsencrypt/live/\(name)/fullchain.pem", certificate.certificateFile),
                ("/etc/letsencrypt/live/\(name)/privkey.pem", certificate.keyFile),
                ("listen 443 ssl", "listen 127.0.0.1:\(tls.number) ssl"), ("listen [::]:443 ssl http2;", ""),
            ]
        }
        let plain = try FreePort()
        let portal = try changed(
            "nginx/pulih.conf",
            tlsChanges("otp.example.org") + [
                ("unix:/run/pulih/portal.sock", "unix:\(socket)"), ("/var/log/nginx/", "\(folder.path)/"),
                ("listen 80;", "listen 127.0.0.1:\(plain.number);"), ("listen [::]:80;", ""),
                ("proxy_set_header Host $host;", "proxy_set_header Host $http_host;"),
                ("rate=20r/s", "rate=1000r/s"),
            ])
        let application = try changed(
            "nginx/application.conf",
            tlsChanges("katalog.example.org") + [("127.0.0.1:9000", "127.0.0.1:\(backend.number)")])
        let bodies = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map {
            "\($0)_temp_path \(folder.path)/\($0);"
        }
        let main = try folder.write(
            """
            \(getuid() == 0 ? "user root;" : "") daemon off; pid \(folder.path)/nginx.pid; error_log \(folder.path)/main.log;
            events {} http { access_log off; \(bodies.joined(separator: " "))
            \(portal)
            \(application)
            }
            """, to: "nginx.conf")
        let checked = try Subprocess.run("nginx", ["-t", "-c", main, "-p", folder.path])
        try #require(checked.exit == .code(0), "\(checked.error)")
        return try Subprocess("nginx", ["-c", main, "-p", folder.path])
    }

    private static func caddy(
        _ folder: TemporaryFolder, _ tls: FreePort, _ certificate: TestCertificate, _ backend: FreePort,
        _ socket: String
    ) throws -> Subprocess {
        let pair = "tls \(certificate.certificateFile) \(certificate.keyFile)"
        let application = try changed(
            "caddy/application.caddy",
            [
                ("unix//run/pulih/portal.sock", "unix/\(socket)"), ("127.0.0.1:9000", "127.0.0.1:\(backend.number)"),
                ("katalog.example.org {", "katalog.example.org {\n\t\(pair)"),
            ])
        let main = try folder.write(
            """
            {
            \tadmin off
            \tauto_https disable_redirects
            \thttps_port \(tls.number)
            \tdefault_bind 127.0.0.1
            }
            otp.example.org {
            \t\(pair)
            \treverse_proxy unix/\(socket)
            }
            \(application)
            """, to: "Caddyfile")
        let checked = try Subprocess.run("caddy", ["validate", "--adapter", "caddyfile", "--config", main])
        try #require(checked.exit == .code(0), "\(checked.error)")
        return try Subprocess(
            "caddy", ["run", "--adapter", "caddyfile", "--config", main],
            environment: ["HOME": folder.path, "XDG_DATA_HOME": folder.path, "XDG_CONFIG_HOME": folder.path])
    }

    struct Answer {
        let status: Int
        let version: String
        let location: String
        let body: String

        /// What the application tells of the request.
        func told() throws -> BackendRequest {
            try JSONDecoder().decode(BackendRequest.self, from: Data(body.utf8))
        }
    }

    /// A request by curl, which knows both hosts and trusts the certificate.
    func curl(_ address: String, _ more: [String] = []) throws -> Answer {
        let told = try Subprocess.output(
            of: "curl",
            [
                "--silent", "--show-error", "--cacert", certificate.authorityFile, "--max-time", "20", "--path-as-is",
                "--resolve", "otp.example.org:\(tls.number):127.0.0.1", "--resolve",
                "katalog.example.org:\(tls.number):127.0.0.1",
                "--write-out", "\n%{http_code} %{http_version} %{redirect_url}",
            ] + more + [address])
        let lines = told.split(separator: "\n", omittingEmptySubsequences: false)
        let last = (lines.last ?? "").split(separator: " ", omittingEmptySubsequences: false).map(String.init)
        return Answer(
            status: Int(last[0]) ?? 0, version: last[1], location: last.count > 2 ? last[2] : "",
            body: lines.dropLast().joined(separator: "\n"))
    }
}

/// A request as it reached the application.
struct BackendRequest: Decodable {
    let method: String
    let target: String
    let body: String
    let headers: [[String]]

    func values(_ name: String) -> [String] {
        headers.filter { $0[0].lowercased() == name.lowercased() }.map { $0[1] }
    }
}
