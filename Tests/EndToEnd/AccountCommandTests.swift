import Foundation
import Support
import Testing

/// What operators do to accounts and to the policy, seen by those who log in.
@Suite
struct AccountCommandTests {
    private let budi = Installation.budi
    private let citra = Installation.citra

    private func auditNames(_ installation: Installation, of subject: String) throws -> [String] {
        let query =
            "SELECT name || ' ' || actor || ' ' || detail FROM audit_event WHERE subject = '\(subject)' ORDER BY id"
        return try installation.execute(query)
            .split(separator: "\n").map(String.init)
    }

    @Test("set-password: the new one lets in, the old one no longer, open sessions end")
    func setPassword() throws {
        let installation = try Installation()
        let portal = try installation.start("portal")
        let owner = LoginClient(installation.portal)
        #expect(try owner.enter(citra) == "/totp/enable")
        let changed = try installation.run(
            "user", "set-password", "citra", "--password-stdin", input: "kalimat lain yang panjang\n")
        #expect(changed.exit == .code(0), "\(changed.error)")
        #expect(changed.output.contains("one session was ended"))
        #expect(try owner.client.get("/totp/enable").status == 303)
        #expect(try owner.enter(citra) == nil, "the old password")
        #expect(try owner.enter(citra, password: "kalimat lain yang panjang") == "/totp/enable")
        #expect(try auditNames(installation, of: "citra").contains { $0.hasPrefix("authn_password_change operator:") })
        try portal.stop(timeout: .seconds(15))
    }

    @Test(
        "A password is never an argument, and a bad one is refused with the rule",
        arguments: ["pendek", "1234567", ""])
    func badPassword(password: String) throws {
        let installation = try Installation()
        #expect(try installation.run("user", "set-password", "citra", "--password", password).exit == .code(2))
        #expect(try installation.run("user", "set-password", "citra").exit == .code(2))
        let refused = try installation.run("user", "set-password", "citra", "--password-stdin", input: password + "\n")
        #expect(refused.exit == .code(1))
        #expect(try auditNames(installation, of: "citra").count == 1, "made, and nothing since")
        let loose = try installation.folder.write("kalimat lain yang panjang\n", to: "loose")
        try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: loose)
        let open = try installation.run("user", "set-password", "citra", "--password-file", loose)
        #expect(open.exit == .code(1))
        #expect(open.error.contains("chmod 600"))
    }

    @Test("deactivate keeps out, activate lets in again; an unknown account is told with the nearest one")
    func deactivation() throws {
        let installation = try Installation()
        let portal = try installation.start("portal")
        let owner = LoginClient(installation.portal)
        #expect(try owner.enter(citra) == "/totp/enable")
        try installation.succeed("user", "deactivate", "citra")
        #expect(try owner.client.get("/totp/enable").status == 303)
        #expect(try owner.enter(citra) == nil)
        #expect(try installation.run("user", "deactivate", "citra").exit == .code(1))
        try installation.succeed("user", "activate", "citra")
        #expect(try owner.enter(citra) == "/totp/enable")
        #expect(try installation.run("user", "deactivate", "citar").error.contains("Did you mean citra?"))
        try portal.stop(timeout: .seconds(15))
    }

    @Test("set-email moves the mails; reset-totp needs a reason, clears the secret and tells the owner there")
    func resetByOperator() throws {
        let installation = try Installation()
        #expect(try installation.run("user", "reset-totp", "budi").exit == .code(2), "no reason")
        #expect(try installation.run("user", "set-email", "budi", "no address").exit == .code(2))
        try installation.succeed("user", "set-email", "budi", "budi@baru.example.org")
        try installation.succeed("user", "reset-totp", "budi", "--reason", "seen in person")
        #expect(try installation.totpState(of: budi) == "none")
        #expect(try installation.run("user", "reset-totp", "budi", "--reason", "again").exit == .code(1))
        let worker = try installation.start("worker")
        let notice = try installation.mail.waitForMessage { _ in true }
        #expect(notice.recipients == ["budi@baru.example.org"])
        #expect(try auditNames(installation, of: "budi").last?.hasSuffix("seen in person") == true)
        try worker.stop(timeout: .seconds(15))
    }

    @Test("policy off: User ID and password lead in, the secret is kept; on: whoever is in is asked again")
    func policy() throws {
        let installation = try Installation()
        let portal = try installation.start("portal")
        let owner = LoginClient(installation.portal)
        try installation.succeed("policy", "set", "totp", "off", "--type", "penyedia")
        #expect(try owner.enter(budi) == "/home")
        #expect(try owner.client.get("/home").status == 200)
        #expect(try installation.totpState(of: budi) == "active")
        #expect(try LoginClient(installation.portal).enter(Installation.sari) == "/login/code", "another user type")
        try installation.succeed("policy", "set", "totp", "on", "--type", "penyedia")
        #expect(try owner.client.get("/home").header("Location") == "/login/code")
        var phone = AuthenticatorApp(secret: Installation.secret)
        #expect(try owner.isLetIn(by: try phone.code()))
        #expect(try auditNames(installation, of: "penyedia").count == 2)
        try portal.stop(timeout: .seconds(15))
    }

    @Test("A coming policy is announced on the login page, shown by the command, and cancelled by the next")
    func comingPolicy() throws {
        let installation = try Installation()
        let portal = try installation.start("portal")
        try installation.succeed("policy", "set", "totp", "off")
        let shown = try installation.succeed("policy", "set", "totp", "on", "--from", "2031-03-05T07:30")
        #expect(shown.contains("on from 2031-03-05 07:30"))
        let page = try HTTPClient(port: installation.portal.number).get("/login").text
        #expect(page.contains("5 Maret 2031"))
        #expect(page.contains("07.30 WIB"))
        #expect(try installation.run("policy", "set", "totp", "on", "--from", "2020-01-01").exit == .code(2))
        #expect(try installation.run("policy", "set", "totp", "on", "--from", "2031-02-30").exit == .code(2))
        #expect(try installation.run("policy", "set", "totp", "on", "--type", "nobody").exit == .code(2))
        #expect(try installation.run("policy", "set", "sms", "on").exit == .code(2))
        #expect(try installation.succeed("policy", "set", "totp", "off").contains("announced before is cancelled"))
        #expect(try !HTTPClient(port: installation.portal.number).get("/login").text.contains("2031"))
        try portal.stop(timeout: .seconds(15))
    }

    @Test("Accounts of another system log in with their old passwords and authenticators, and are hashed anew")
    func importing() throws {
        let installation = try Installation()
        let password = "kata sandi lama"
        func crypt(_ method: String) throws -> String {
            try Subprocess.output(of: "mkpasswd", ["--method=\(method)", "--stdin"], input: password).trimmed
        }
        let uri = "otpauth://totp/Lama:dewi?secret=\(Installation.secret)&algorithm=SHA512&digits=8&period=60"
        let hashes = try [("ani", "bcrypt"), ("bayu", "sha512crypt"), ("cahya", "yescrypt")].map { ($0, try crypt($1)) }
        let lines = hashes.map { "\($0.0),\($0.0)@example.org,penyedia,,\"\($0.1)\"" }
        let dewi = "dewi,dewi@example.org,penyedia,\(uri),\"\(hashes[0].1)\""
        let header = "user_id,email,user_type,otpauth,password_hash"
        let bad = try installation.folder.write(
            ([header] + lines + ["eko,eko@example.org,penyedia,,$1$salt$hash"]).joined(separator: "\n"), to: "bad.csv")
        let refused = try installation.run("user", "import", bad)
        #expect(refused.exit == .code(1))
        #expect(refused.error.contains("line 5: password_hash must be"))
        #expect(try installation.run("user", "show", "ani").exit == .code(1))
        let file = try installation.folder.write(([header] + lines + [dewi]).joined(separator: "\n"), to: "old.csv")
        try installation.succeed("user", "import", file)

        let portal = try installation.start("portal")
        for name in ["ani", "bayu", "cahya"] {
            let person = Installation.Person(
                userID: name, email: "\(name)@example.org", userType: "penyedia", language: "id")
            let viewer = LoginClient(installation.portal)
            #expect(try viewer.enter(person, password: "another") == nil, "\(name)")
            #expect(try viewer.enter(person, password: password) == "/totp/enable", "\(name)")
            let hash = try installation.execute("SELECT password_hash FROM account WHERE user_id = '\(name)'")
            #expect(hash.hasPrefix("$argon2id$"), "\(name)")
            #expect(try viewer.enter(person, password: password) == "/totp/enable", "\(name), hashed anew")
        }
        let person = Installation.Person(
            userID: "dewi", email: "dewi@example.org", userType: "penyedia", language: "id")
        let viewer = LoginClient(installation.portal)
        #expect(try viewer.enter(person, password: password) == "/login/code")
        let code = try Oathtool.code(
            secretBase32: Installation.secret, at: Date(), digits: 8, period: 60, algorithm: "SHA512")
        #expect(try viewer.isLetIn(by: code.trimmed))
        try portal.stop(timeout: .seconds(15))
    }
}
