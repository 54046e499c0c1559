import Foundation
import Glibc
import Support
import Testing

/// The files under `config/` that put Pulih on a machine, each read by the program it is for.
@Suite
struct DeploymentTests {
    private static let config = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("config").path

    @Test("Each service unit is confined: exposure at most 1.5", arguments: ["portal", "worker", "backup"])
    func exposure(_ name: String) throws {
        let unit = "\(Self.config)/systemd/pulih-\(name).service"
        let told = try Subprocess.run(
            "systemd-analyze", ["security", "--offline=true", "--no-pager", "--threshold=15", unit])
        #expect(told.exit == .code(0), "\(told.output)\n\(told.error)")
        #expect(!told.error.contains("ignoring"), "\(told.error)")
    }

    @Test(
        "With the drop-in for a database elsewhere portal and worker reach the network and stay confined",
        arguments: ["portal", "worker"])
    func dropIn(_ name: String) throws {
        let folder = try TemporaryFolder()
        let program = try Binary.path(named: "pulih")
        for unit in ["pulih-\(name).service", "pulih-portal.socket", "pulih-operations.socket"] {
            let text = try String(contentsOfFile: "\(Self.config)/systemd/\(unit)", encoding: .utf8)
            try folder.write(text.replacingOccurrences(of: "/usr/bin/pulih", with: program), to: unit, mode: 0o644)
        }
        let dropIn = try String(contentsOfFile: "\(Self.config)/examples/postgresql.conf", encoding: .utf8)
        try folder.write(dropIn, to: "pulih-\(name).service.d/postgresql.conf", mode: 0o644)
        let units = ["SYSTEMD_UNIT_PATH": "\(folder.path):"]
        let verified = try Subprocess.run(
            "systemd-analyze", ["verify", "--man=no", "pulih-\(name).service"], environment: units)
        #expect(verified.exit == .code(0) && verified.error.isEmpty, "\(verified.error)")
        let told = try Subprocess.run(
            "systemd-analyze",
            ["security", "--offline=true", "--no-pager", "--threshold=15", "pulih-\(name).service"], environment: units)
        #expect(told.exit == .code(0), "\(told.output)\n\(told.error)")
        #expect(told.output.contains(/PrivateNetwork= +Service has access/), "\(told.output)")
    }

    @Test("systemd finds nothing to complain of in any unit")
    func units() throws {
        let folder = try TemporaryFolder()
        let names = try FileManager.default.contentsOfDirectory(atPath: "\(Self.config)/systemd").sorted()
        #expect(names.count == 7)
        let program = try Binary.path(named: "pulih")
        for name in names {
            let unit = try String(contentsOfFile: "\(Self.config)/systemd/\(name)", encoding: .utf8)
            try folder.write(unit.replacingOccurrences(of: "/usr/bin/pulih", with: program), to: name, mode: 0o644)
        }
        let told = try Subprocess.run("systemd-analyze", ["verify"] + names.map { folder.file($0) })
        #expect(told.exit == .code(0), "\(told.output)\n\(told.error)")
        #expect(told.error == "")
    }

    @Test("Each unit is handed the secrets it needs and no other")
    func credentials() throws {
        let keys = { (role: String) in
            try String(contentsOfFile: "\(Self.config)/systemd/pulih-\(role).service", encoding: .utf8)
                .matches(of: /LoadCredential=([^:\n]+):/).map { String($0.output.1) }.sorted()
        }
        #expect(try keys("portal") == ["captcha.key", "form.key", "link.key", "seal.key", "token.key"])
        #expect(
            try keys("worker")
                == ["captcha.key", "form.key", "link.key", "operations.token", "smtp.password", "token.key"])
        #expect(try keys("backup") == [])
    }

    @Test("The users and folders are made as the units expect them")
    func usersAndFolders() throws {
        let root = try TemporaryFolder()
        try FileManager.default.createDirectory(atPath: root.file("etc"), withIntermediateDirectories: true)
        try Subprocess.output(of: "systemd-sysusers", ["--root=\(root.path)", "\(Self.config)/sysusers.d/pulih.conf"])
        let groups = try root.read("etc/group")
        #expect(groups.contains(/(?m)^pulih:x:\d+:pulih-bounce,pulih-portal,pulih-worker$/))
        let made = try Subprocess.run(
            "systemd-tmpfiles", ["--root=\(root.path)", "--create", "\(Self.config)/tmpfiles.d/pulih.conf"])
        #expect(made.exit == .code(0) && made.error == "", "\(made.error)")
        let group = try #require(groups.firstMatch(of: /(?m)^pulih:x:(\d+):/)).output.1
        let folders = try Subprocess.output(
            of: "stat", ["-c", "%a %g %n", root.file("var/lib/pulih"), root.file("etc/pulih/keys")])
        #expect(folders.contains("2770 \(group) \(root.file("var/lib/pulih"))"))
        #expect(folders.contains("700 0 \(root.file("etc/pulih/keys"))"))
    }

    @Test(
        "In a folder of mode 2770 each file of the database is for the group, whoever makes it and whatever the umask",
        .onSQLite)
    func sharedDatabase() throws {
        let installation = try Installation()
        let folder = installation.folder
        try FileManager.default.createDirectory(atPath: folder.file("shared"), withIntermediateDirectories: true)
        chmod(folder.file("shared"), 0o2770)
        try folder.write(
            try folder.read("pulih.json5").replacingOccurrences(of: "\"pulih.db\"", with: "\"shared/pulih.db\""),
            to: "pulih.json5")
        let process = try installation.start("serve")
        let modes = try Subprocess.output(
            of: "stat", ["-c", "%a %n"] + ["", "-wal", "-shm", ".lock"].map { folder.file("shared/pulih.db\($0)") })
        #expect(modes.split(separator: "\n").allSatisfy { $0.hasPrefix("660 ") }, "\(modes)")
        // Elsewhere they are the owner's alone.
        let own = try Subprocess.output(
            of: "stat", ["-c", "%a %n"] + ["", ".lock"].map { folder.file("pulih.db\($0)") })
        #expect(own.split(separator: "\n").allSatisfy { $0.hasPrefix("600 ") }, "\(own)")
        try process.stop(timeout: .seconds(20))
    }

    @Test(
        "Portal and worker as two users of one group share the database and nothing else", .onSQLite,
        .enabled(if: getuid() == 0))
    func twoUsers() throws {
        let installation = try Installation()
        let folder = installation.folder
        let authority = try #require(
            try folder.read("pulih.json5").firstMatch(of: /caFile: "([^"]*)"/).map { String($0.output.1) })
        try folder.write(try String(contentsOfFile: authority, encoding: .utf8), to: "authority.pem", mode: 0o644)
        try folder.write(
            try folder.read("pulih.json5").replacingOccurrences(of: authority, with: "authority.pem")
                .replacingOccurrences(of: "\"pulih.db\"", with: "\"shared/pulih.db\""), to: "pulih.json5", mode: 0o644)
        // As sysusers and tmpfiles leave them: users 64001 and 64002, group 64000; keys are root's.
        try Subprocess.output(
            of: "sh",
            [
                "-c",
                """
                cd "$1" && chmod 755 . && mkdir shared portal worker && cp keys/*.key portal
                cp keys/link.key keys/captcha.key keys/form.key relay.password worker
                chown -R 64001 portal && chown -R 64002 worker && chmod 500 portal worker && chmod 400 portal/* worker/*
                chown root:64000 shared && chmod 2770 shared
                """, "sh", folder.path,
            ])
        // An operator's command, as root, is the first to touch the database.
        let password = try folder.write(Installation.password, to: "password")
        try installation.succeed(
            "user", "add", "budi", "--email", "budi@example.org", "--type", "penyedia", "--password-file", password,
            "--otpauth", "otpauth://totp/Pulih:budi?secret=\(Installation.secret)")
        let start = { (role: String, user: Int) in
            try FakeServiceManager.start(
                ["/usr/bin/setpriv", "--reuid=\(user)", "--regid=64000", "--clear-groups", "--"]
                    + [try Binary.path(named: "pulih"), role, "--config", installation.configuration],
                sockets: [:], credentials: folder.file(role), abstract: false, in: folder, notify: "\(role)/notify")
        }
        let (portal, worker) = (try start("portal", 64001), try start("worker", 64002))
        for process in [portal, worker] {
            try process.waitForLine(timeout: .seconds(20)) { $0.hasPrefix("notify READY=1") }
        }
        #expect(try installation.ask(for: Installation.budi).status == 303)
        let path = String(
            try installation.link(in: try installation.resetMail(to: Installation.budi))
                .dropFirst(installation.publicURL.count))
        let client = HTTPClient(port: installation.portal.number)
        let confirm = try FormPage(try client.get(path))
        #expect(try client.post(path, form: [("csrf", confirm.csrf)]).status < 400)
        try Eventually.holds("the notice is mailed", timeout: .seconds(20)) {
            try installation.jobs().contains { $0.kind == "reset-notice" && $0.outcome == "mailed" }
        }
        let look = try Subprocess.run(
            "setpriv", ["--reuid=64002", "--regid=64000", "--clear-groups", "cat", folder.file("portal/seal.key")])
        #expect(look.error.contains("Permission denied"))
        for process in [portal, worker] { try process.stop(timeout: .seconds(20)) }
    }

    @Test("nginx serves the portal over TLS, tells who asks, and writes no reset token anywhere")
    func proxy() throws {
        let installation = try Installation()
        let folder = installation.folder
        let certificate = try TestCertificate(for: ["otp.example.org"])
        let (tls, plain) = (try FreePort(), try FreePort())
        let socket = folder.file("portal.sock")
        try folder.write(
            try folder.read("pulih.json5").replacingOccurrences(
                of: "listen: \"127.0.0.1:\(installation.portal.number)\"", with: "listen: \"unix:\(socket)\""),
            to: "pulih.json5")
        var site = try String(contentsOfFile: "\(Self.config)/nginx/pulih.conf", encoding: .utf8)
        for (old, new) in [
            ("/etc/letsencrypt/live/otp.example.org/fullchain.pem", certificate.certificateFile),
            ("/etc/letsencrypt/live/otp.example.org/privkey.pem", certificate.keyFile),
            ("unix:/run/pulih/portal.sock", "unix:\(socket)"), ("/var/log/nginx/", "\(folder.path)/"),
            ("listen 80;", "listen 127.0.0.1:\(plain.number);"), ("listen [::]:80;", ""),
            ("listen 443 ssl", "listen 127.0.0.1:\(tls.number) ssl"), ("listen [::]:443 ssl http2;", ""),
        ] {
            #expect(site.contains(old), "\(old)")
            site = site.replacingOccurrences(of: old, with: new)
        }
        let bodies = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map {
            "\($0)_temp_path \(folder.path)/\($0);"
        }
        let user = getuid() == 0 ? "user root;" : ""
        let main = try folder.write(
            """
            \(user) daemon off; pid \(folder.path)/nginx.pid; error_log \(folder.path)/main.log;
            events {} http { \(bodies.joined(separator: " "))
            \(site)
            }
            """, to: "nginx.conf")
        let checked = try Subprocess.run("nginx", ["-t", "-c", main, "-p", folder.path])
        try #require(checked.exit == .code(0), "\(checked.error)")

        let portal = try installation.start("portal")
        let nginx = try Subprocess("nginx", ["-c", main, "-p", folder.path])
        let curl = { (path: String, more: [String]) throws -> String in
            try Subprocess.output(
                of: "curl",
                [
                    "--silent", "--show-error", "--cacert", certificate.authorityFile, "--resolve",
                    "otp.example.org:\(tls.number):127.0.0.1", "--write-out", "\n%{http_code}",
                ]
                    + more + ["https://otp.example.org:\(tls.number)\(path)"])
        }
        try Eventually.holds("nginx serves", timeout: .seconds(20)) { (try? curl("/login", [])) != nil }
        #expect(try curl("/login", []).hasSuffix("\n200"))
        let token = "\(String(repeating: "A", count: 22)).\(String(repeating: "B", count: 43))"
        #expect(
            try curl("/reset/\(token)", ["--header", "Referer: https://otp.example.org/reset/\(token)"]).hasSuffix(
                "404"))
        #expect(try curl("/reset/\(token)/cancel?x=\(token)", []).hasSuffix("303"))
        // What a client says of itself is not believed.
        let form = try curl("/reset", [])
        let captcha = try #require(form.firstMatch(of: /name="captcha" value="([^"]+)"/)).output.1
        let csrf = try #require(form.firstMatch(of: /name="csrf" value="([^"]+)"/)).output.1
        let fields = [
            "csrf=\(csrf)", "captcha=\(captcha)", "security_code=\(try installation.code(ofCaptcha: String(captcha)))",
            "user_id=budi", "email=budi@example.org", "user_type=penyedia",
        ]
        let sent = try curl(
            "/reset", ["--header", "X-Forwarded-For: 203.0.113.9"] + fields.flatMap { ["--data-urlencode", $0] })
        #expect(sent.hasSuffix("303"))
        let accepted = try portal.waitForLine { $0.contains("event=reset.accepted") }
        #expect(accepted.text.contains("address=127.0.0.1"), "\(accepted.text)")

        // With the portal away nginx complains, of everything but the token.
        try portal.stop(timeout: .seconds(20))
        #expect(try curl("/reset/\(token)", []).hasSuffix("502"))
        #expect(try curl("/login", []).hasSuffix("502"))
        try nginx.stop(timeout: .seconds(10))
        let access = try folder.read("pulih-access.log")
        #expect(access.contains("\"GET /reset/(token) HTTP/2.0\" 404"))
        #expect(access.contains("\"POST /reset HTTP/2.0\" 303"))
        let errors = try folder.read("pulih-error.log")
        #expect(errors.contains("/login"), "the other errors are told")
        for log in [access, errors, try folder.read("main.log"), nginx.transcript] {
            #expect(!log.contains("AAAAAA") && !log.contains("BBBBBB"))
        }
    }
}
