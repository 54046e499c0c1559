import Foundation
import Glibc
import Support
import Testing

/// The commands, run as an operator runs them.
@Suite
struct CommandTests {
    private func pulih(_ arguments: String...) throws -> Subprocess.Finished {
        try Subprocess.run(try Binary.path(named: "pulih"), arguments)
    }

    private func mode(_ path: String) -> mode_t {
        var status = stat()
        stat(path, &status)
        return status.st_mode & 0o777
    }

    @Test("init writes a configuration that passes check, and keys that only their owner can read")
    func initialisation() throws {
        let folder = try TemporaryFolder()
        #expect(try pulih("init", folder.path).exit == .code(0))
        let file = folder.file("pulih.json5")
        for key in ["link", "captcha", "form", "seal"] {
            #expect(mode(folder.file("keys/\(key).key")) == 0o600)
        }
        #expect(mode(folder.file("keys")) == 0o700)
        #expect(try pulih("check", "--config", file).exit == .code(0))
        // A second init writes over nothing.
        let key = try folder.read("keys/link.key")
        #expect(try pulih("init", folder.path).exit == .code(1))
        #expect(try folder.read("keys/link.key") == key)
    }

    @Test("init for the units names their database, their sockets and a token")
    func initialisationForUnits() throws {
        let folder = try TemporaryFolder()
        #expect(try pulih("init", folder.path, "--systemd").exit == .code(0))
        let text = try folder.read("pulih.json5")
        for line in [
            #"path: "/var/lib/pulih/pulih.db","#, #"listen: "systemd:portal","#, #"listen: "systemd:operations","#,
            #"tokenFile: "operations.token","#,
        ] {
            #expect(text.contains("\n        \(line)\n"), "\(line)")
        }
    }

    @Test("A key file that others can read is refused, with the cure")
    func looseKeys() throws {
        let folder = try TemporaryFolder()
        #expect(try pulih("init", folder.path).exit == .code(0))
        chmod(folder.file("keys/link.key"), 0o640)
        let file = folder.file("pulih.json5")
        let check = try pulih("check", "--config", file)
        #expect(check.exit == .code(1))
        #expect(check.output.contains("chmod 600"))
        let serve = try pulih("serve", "--config", file)
        #expect(serve.exit == .code(1))
        #expect(serve.error.contains("mode 0640"))
    }

    @Test("check tells every fault at once, each with file, key and cure")
    func check() throws {
        let folder = try TemporaryFolder()
        #expect(try pulih("init", folder.path).exit == .code(0))
        let file = try folder.write(
            """
            {
                publicURL: "http://otp.example.org",
                databse: { path: "x" },
                database: { path: "pulih.db" },
                keys: { directory: "keys" },
                smtp: { host: "relay.example.org", tls: "none", prot: 25, username: "u" },
                mail: { from: "nobody\\r\\nBcc: x@example.org" },
                worker: { lanes: 0, lease: "soon" },
                operations: { listen: "0.0.0.0:9000" },
            }
            """, to: "bad.json5")
        let check = try pulih("check", "--config", file)
        #expect(check.exit == .code(1))
        for sign in [
            "publicURL: must be https", "databse.path: is not a key of Pulih; did you mean database.path?",
            "smtp.prot: is not a key of Pulih; did you mean smtp.port?", "smtp.passwordFile: is missing",
            "mail.from:", "worker.lanes: must be a whole number from 1 to 64", "worker.lease: must be a time",
            "operations.tokenFile: is needed", "TLS may only be off",
        ] {
            #expect(check.output.contains(sign), "\(sign)\n\(check.output)")
        }
    }

    @Test("A misspelt variable in a template is told with file and line, and the program does not start")
    func templates() throws {
        let installation = try Installation()
        let tree = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent("templates").path
        try Subprocess.output(of: "cp", ["-r", tree, installation.folder.file("templates")])
        let text = try installation.folder.read("templates/mail/id/reset-link.txt")
        try installation.folder.write(
            text.replacingOccurrences(of: "{{link}}", with: "{{lnik}}"), to: "templates/mail/id/reset-link.txt")
        let configuration = try installation.folder.read("pulih.json5").replacingOccurrences(
            of: "keys: {", with: "templates: { directory: \"templates\" }, keys: {")
        try installation.folder.write(configuration, to: "pulih.json5")
        let check = try installation.run("check")
        #expect(check.exit == .code(1))
        #expect(check.output.contains(try Regex(#"mail/id/reset-link\.txt:\d+: .*lnik.*link"#)))
        #expect(try installation.run("serve").exit == .code(1))
    }

    @Test("import takes all lines or none, and names every bad one")
    func importing() throws {
        let installation = try Installation()
        let bad = try installation.folder.write(
            "user_id,email,user_type\nani,ani@example.org,penyedia\nbudi,x@example.org,penyedia\nc d,c@example.org,other\n",
            to: "bad.csv")
        let refused = try installation.run("user", "import", bad)
        #expect(refused.exit == .code(1))
        #expect(refused.error.contains("line 3: user_id names the account budi, which is there already with another"))
        #expect(refused.error.contains("line 4: user_id must be"))
        #expect(refused.error.contains("user_type must be one of"))
        #expect(try installation.run("user", "show", "ani").exit == .code(1))
        let good = try installation.folder.write(
            "user_id,email,user_type,language\r\n\"ani\",ani@example.org,penyedia,en\r\n", to: "good.csv")
        #expect(try installation.run("user", "import", good, "--dry-run").exit == .code(0))
        #expect(try installation.run("user", "show", "ani").exit == .code(1))
        try installation.succeed("user", "import", good)
        #expect(try installation.succeed("user", "show", "ani").contains("ani@example.org"))
    }

    @Test("retry and discard are guarded by state and audited")
    func queueChanges() throws {
        let installation = try Installation()
        try installation.succeed(
            "queue", "add", "--user-id", "budi", "--email", "budi@example.org", "--user-type", "penyedia")
        #expect(try installation.run("queue", "retry", "1").exit == .code(1))
        try installation.succeed("queue", "discard", "1", "--why", "a test")
        #expect(try installation.run("queue", "discard", "1").error.contains("is discarded"))
        #expect(try installation.run("queue", "show", "99").exit == .code(1))
        let audit = try installation.execute("SELECT name, detail FROM audit_event WHERE subject = 'job:1'")
        #expect(audit == "queue_job_discarded|was ready; a test")
    }

    @Test("Misuse ends with 2 and a hint; help is everywhere")
    func misuse() throws {
        #expect(try pulih().exit == .code(2))
        #expect(try pulih("nonsense").exit == .code(2))
        #expect(try pulih("queue").error.contains("status, list, show"))
        let unknown = try pulih("queue", "list", "--stat", "ready")
        #expect(unknown.exit == .code(2))
        #expect(unknown.error.contains("did you mean --state?"))
        for command in [["serve"], ["queue", "list"], ["user", "add"], ["mail", "test"], ["demo"]] {
            let help = try Subprocess.run(try Binary.path(named: "pulih"), command + ["--help"])
            #expect(help.exit == .code(0))
            #expect(help.output.contains("Usage: pulih \(command.joined(separator: " "))"))
        }
        let family = try Subprocess.run(try Binary.path(named: "pulih"), ["queue", "--help"])
        #expect(family.exit == .code(0))
        #expect(family.output.contains("queue status") && family.output.contains("queue prune"))
        #expect(!family.output.contains("mail test"))
    }

    @Test("A database made by a newer version is refused with a sentence")
    func newerDatabase() throws {
        let installation = try Installation()
        try installation.execute("INSERT INTO migration (name, applied_at) VALUES ('tomorrow', 0)")
        let refused = try installation.run("user", "list")
        #expect(refused.exit == .code(1))
        #expect(refused.error.contains("was made by a newer version of Pulih"))
        #expect(refused.error.contains("tomorrow"))
    }

    @Test("A worker that cannot listen for its operators takes no job and is told of nowhere")
    func workerWithoutItsListener() throws {
        let installation = try Installation()
        let service = try installation.start()
        let refused = try installation.run("worker")
        #expect(refused.exit == .code(1))
        #expect(refused.error.contains("in use by another program"))
        struct Status: Decodable {
            struct Worker: Decodable { let id: String }
            let workers: [Worker]
        }
        let status = try installation.succeed("queue", "status", "--json")
        #expect(try JSONDecoder().decode(Status.self, from: Data(status.utf8)).workers.count == 1)
        try service.stop(timeout: .seconds(15))
    }

    @Test("mail test goes through queue, worker and relay")
    func mailTest() throws {
        let installation = try Installation()
        let unworked = try installation.run("mail", "test", "--to", "op@example.org", "--wait", "1")
        #expect(unworked.exit == .code(1))
        #expect(unworked.output.contains("No worker is running"))
        let service = try installation.start()
        #expect(try installation.succeed("mail", "test", "--to", "op@example.org").contains("The relay took the mail"))
        #expect(try installation.succeed("check", "--smtp").contains("ok    relay"))
        try service.stop(timeout: .seconds(15))
    }
}
