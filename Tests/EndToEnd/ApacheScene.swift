import Foundation
import Support
import Testing

/// Apache with mod_auth_openidc before two pages, on a folder and a port of its own, and Pulih that it logs in with.
final class ApacheScene: Sendable {
    let port: FreePort
    let installation: Installation
    let pulih: Subprocess
    private let apache: Subprocess

    var url: String { "http://127.0.0.1:\(port.number)" }

    private static let modules = [
        "mpm_event", "authn_core", "authz_core", "authz_user", "dir", "include", "mime", "auth_openidc",
    ]

    init() throws {
        port = try FreePort()
        let url = "http://127.0.0.1:\(port.number)"
        installation = try Installation(
            settings: try ProjectFile.readmeBlock("json5", with: "redirectURIs:").replacing(Self.host, with: url))
        let folder = installation.folder
        try folder.write(OpenIDInstallation.secret + "\n", to: "e-katalog.client")
        try FileManager.default.createDirectory(atPath: folder.file("www"), withIntermediateDirectories: true)
        try folder.write(
            """
            <!DOCTYPE html><title>Apache</title><h1>Apache</h1>
            <p id="user"><!--#echo var="REMOTE_USER" --></p><p id="email"><!--#echo var="OIDC_CLAIM_email" --></p>
            """, to: "www/index.html")
        try folder.write("<!DOCTYPE html><title>Bye</title><h1>Bye</h1>\n", to: "www/bye.html")
        try folder.write(try Self.configuration(url, installation), to: "apache.conf")
        // Its workers give up the rights that the tests may have, and must still read the folder.
        for path in [folder.path, folder.file("www"), folder.file("www/index.html"), folder.file("www/bye.html")] {
            try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path)
        }
        pulih = try installation.start()
        apache = try Subprocess("apache2", ["-DFOREGROUND", "-f", folder.file("apache.conf")])
        let port = port.number
        try Eventually.holds("Apache serves", timeout: .seconds(20)) {
            (try? HTTPClient(port: port).get("/bye.html").status) == 200
        }
    }

    /// Where the application of the README is.
    private static let host = "https://katalog.example.org"

    private static func configuration(_ url: String, _ installation: Installation) throws -> String {
        let folder = installation.folder
        let client = try ProjectFile.readmeBlock("apache", with: "OIDCClientID")
            .replacing("https://otp.example.org", with: installation.publicURL).replacing(Self.host, with: url)
            .replacing("SECRET", with: OpenIDInstallation.secret)
            .replacing("PASSPHRASE", with: "0123456789abcdef0123456789abcdef")
        let load = modules.map { "LoadModule \($0)_module /usr/lib/apache2/modules/mod_\($0).so" }
        return
            (load + [
                """
                ServerRoot "\(folder.path)"
                ServerName 127.0.0.1
                Listen \(url.dropFirst("http://".count))
                PidFile "\(folder.file("apache.pid"))"
                Mutex file:\(folder.path) default
                ErrorLog "\(folder.file("apache.log"))"
                DocumentRoot "\(folder.file("www"))"
                User www-data
                Group www-data
                TypesConfig /dev/null
                AddType text/html .html
                AddOutputFilter INCLUDES .html
                DirectoryIndex index.html
                <Directory "\(folder.file("www"))">
                    Options +Includes
                </Directory>
                \(client)
                # For the test to look on.
                OIDCUserInfoRefreshInterval 1
                OIDCInfoHook iat access_token userinfo refresh_token session
                <Location "/bye.html">
                    AuthType None
                    Require all granted
                </Location>

                """
            ]).joined(separator: "\n")
    }

    /// What its log says, for a test that fails.
    var log: String { (try? installation.folder.read("apache.log")) ?? "" }
}
