import Foundation
import Glibc
import Support
import Testing

/// A Python with Authlib, where somebody has it: `PULIH_AUTHLIB=/path/python`.
private let authlibPython = ProcessInfo.processInfo.environment["PULIH_AUTHLIB"]

/// OpenID Connect over real sockets and the built program.
@Suite("OpenID Connect, end to end")
struct OpenIDTests {
    @Test(
        "Authlib logs in, refreshes and revokes", .enabled(if: authlibPython != nil, "PULIH_AUTHLIB names the Python"),
        arguments: ["client_secret_basic", "client_secret_post", "ES256"])
    func authlib(how: String) throws {
        let scene = try OpenIDInstallation(application: how == "ES256" ? "idTokenAlgorithm: \"ES256\"," : "")
        let portal = try scene.installation.start("portal")
        defer { withExtendedLifetime(portal) {} }
        let given = try JSONEncoder().encode([
            "issuer": scene.installation.publicURL, "redirect": scene.redirectURI, "client": OpenIDInstallation.id,
            "secret": OpenIDInstallation.secret, "method": how == "ES256" ? "client_secret_basic" : how,
            "password": Installation.password,
            "code": try Oathtool.code(secretBase32: Installation.secret, at: Date()),
        ])
        let finished = try Subprocess.run(
            try #require(authlibPython), ["-W", "ignore", "-c", AuthlibClient.program],
            input: String(decoding: given, as: UTF8.self), timeout: .seconds(60))
        try #require(finished.exit == .code(0), "\(finished.error)\n\(portal.transcript)")
        let told = try JSON(parsing: Array(finished.output.utf8))
        #expect(told["header"]["alg"].string == (how == "ES256" ? "ES256" : "RS256"))
        #expect(told["claims"]["preferred_username"].string == "budi")
        #expect(told["facts"]["email"].string == "budi@example.org" && told["facts"]["email_verified"].bool == false)
        #expect(!portal.transcript.contains(OpenIDInstallation.secret))
        try portal.stop()
    }

    @Test("The portal is killed at any moment of a code's life: none is honoured twice, no login that was told is lost")
    func kills() throws {
        let scene = try OpenIDInstallation(application: "factor: \"password\",")
        var portal = try scene.installation.start("portal")
        let person = LoginClient(scene.installation.portal)
        #expect(try person.enter(Installation.budi) == "/login/code")
        var random = SystemRandomNumberGenerator()
        for round in 0..<12 {
            // Told in its answer, so it is on the disk.
            let code = try scene.code(of: person.client)
            let dying = portal
            let delay = UInt32.random(in: 0...12_000, using: &random)
            let killer = Thread {
                usleep(delay)
                dying.signal(SIGKILL)
            }
            killer.start()
            let first = round.isMultiple(of: 4) ? nil : try? scene.exchange(code)
            #expect(try dying.waitForExit() == .signal(SIGKILL))
            portal = try scene.installation.start("portal")
            if let first, first.status == 200 {
                let token = try #require(try JSON(parsing: first.body)["access_token"].string)
                #expect(try scene.isLetIn(by: token), "round \(round): a login that was told is lost")
                #expect(try scene.exchange(code).status == 400, "round \(round): honoured twice")
                #expect(try !scene.isLetIn(by: token))
            } else {
                // Nobody heard whether it was spent. If it was, nobody else has what it brought.
                let answers = [try scene.exchange(code), try scene.exchange(code)].map(\.status)
                #expect(answers == [200, 400] || answers == [400, 400], "round \(round): \(answers)")
                if round.isMultiple(of: 4) {
                    #expect(answers == [200, 400], "round \(round): a code that was told is lost")
                }
            }
        }
        try portal.stop()
        try scene.installation.succeed("audit", "verify")
    }

    @Test("Operators see the application, its secret file and its logins")
    func operators() throws {
        let scene = try OpenIDInstallation()
        let list = try scene.installation.succeed("application", "list")
        #expect(list.contains(scene.redirectURI) && list.contains("as the policy says") && list.contains("yes"))
        #expect(!list.contains(OpenIDInstallation.secret))
        #expect(try scene.installation.succeed("check").contains("client secret of e-katalog"))
        try scene.installation.folder.write("short\n", to: "client.secret")
        let short = try scene.installation.run("check")
        #expect(short.exit == .code(1) && short.output.contains("openssl rand -hex 32"))
        try scene.installation.folder.write(OpenIDInstallation.secret + "\n", to: "client.secret")
        try FileManager.default.removeItem(atPath: scene.installation.folder.file("keys/token.key"))
        let keyless = try scene.installation.run("check")
        #expect(keyless.exit == .code(1) && keyless.output.contains("pulih keys rotate token"))
    }
}
