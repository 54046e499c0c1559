import Foundation
import Support
import Testing

/// Apache with mod_auth_openidc before two pages, on a folder and a port of its own, and Pulih that it logs in with.
final class ApacheScene: Sendable {
    let port: FreePort
    let openID: OpenIDInstallation
    let pulih: Subprocess
    private let apache: Subprocess

    var installation: Installation { openID.installation }
    var url: String { "http://127.0.0.1:\(port.number)" }

    private static let modules = [
        "mpm_event", "authn_core", "authz_core", "authz_user", "dir", "include", "mime", "auth_openidc",
    ]

    init() throws {
        port = try FreePort()
        let url = "http://127.0.0.1:\(port.number)"
        openID = try OpenIDInstallation(
            redirectURI: "\(url)/callback", application: "logoutURI: \"\(url)/callback?logout=backchannel\",")
        let folder = openID.installation.folder
        try FileManager.default.createDirectory(atPath: folder.file("www"), withIntermediateDirectories: true)
        try folder.write(
            """
            <!DOCTYPE html><title>Apache</title><h1>Apache</h1>
            <p id="user"><!--#echo var="REMOTE_USER" --></p><p id="email"><!--#echo var="OIDC_CLAIM_email" --></p>
            """, to: "www/index.html")
        try folder.write("<!DOCTYPE html><title>Bye</title><h1>Bye</h1>\n", to: "www/bye.html")
        try folder.write(Self.configuration(url, folder, openID), to: "apache.conf")
        // Its workers give up the rights that the tests may have, and must still read the folder.
        for path in [folder.path, folder.file("www"), folder.file("www/index.html"), folder.file("www/bye.html")] {
            try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path)
        }
        pulih = try openID.installation.start()
        apache = try Subprocess("apache2", ["-DFOREGROUND", "-f", folder.file("apache.conf")])
        let port = port.number
        try Eventually.holds("Apache serves", timeout: .seconds(20)) {
            (try? HTTPClient(port: port).get("/bye.html").status) == 200
        }
    }

    private static func configuration(_ url: String, _ folder: TemporaryFolder, _ openID: OpenIDInstallation) -> String
    {
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
                OIDCProviderMetadataURL \(openID.installation.publicURL)/.well-known/openid-configuration
                OIDCClientID \(OpenIDInstallation.id)
                OIDCClientSecret \(OpenIDInstallation.secret)
                OIDCRedirectURI \(url)/callback
                OIDCCryptoPassphrase 0123456789abcdef0123456789abcdef
                OIDCScope "openid profile email"
                OIDCPKCEMethod S256
                OIDCRemoteUserClaim preferred_username
                OIDCUserInfoRefreshInterval 1
                OIDCInfoHook iat access_token userinfo refresh_token session
                <Location "/">
                    AuthType openid-connect
                    Require claim user_type:penyedia
                </Location>
                <Location "/callback">
                    Require valid-user
                </Location>
                <Location "/bye.html">
                    AuthType None
                    Require all granted
                </Location>

                """
            ]).joined(separator: "\n")
    }

    /// What its log says, for a test that fails.
    var log: String { (try? openID.installation.folder.read("apache.log")) ?? "" }
}
