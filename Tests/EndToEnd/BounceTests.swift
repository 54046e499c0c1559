import Foundation
import Support
import Testing

/// `pulih mail bounced` as a mail system runs it: a message on standard input, an exit status, a line for its log.
@Suite("Bounces")
struct BounceTests {
    private static let placeholder = "bounce+17.ktealcff35xeq22m@example.org"

    /// An installation whose relay has taken one mail: the reset link of Budi, job 1.
    private final class Scene {
        let desk: OperatorClient
        let worker: Subprocess
        /// The envelope's sender.
        let address: String

        init() throws {
            let relay = try MailServer()
            desk = try OperatorClient(
                smtp: "host: \"127.0.0.1\", port: \(relay.port), tls: \"none\"", mail: "bounce: \"bounce@example.org\"")
            try desk.succeed(
                "user", "add", "budi", "--email", "budi@example.org", "--type", "penyedia", "--otpauth",
                Installation.secret)
            try desk.succeed(
                "queue", "add", "--user-id", "budi", "--email", "budi@example.org", "--user-type", "penyedia")
            worker = try desk.start("worker")
            let desk = desk
            try Eventually.holds("the mail is sent") { try desk.states()["done"] == 1 }
            address = try #require(relay.messages.first).sender
        }

        /// A message of Tests/Messages that came to this address.
        func message(_ name: String, to address: String? = nil) throws -> String {
            try ProjectFile.text("Tests/Messages/\(name).eml")
                .replacingOccurrences(of: BounceTests.placeholder, with: address ?? self.address)
        }

        func hand(over message: String, _ arguments: String...) throws -> Subprocess.Finished {
            try desk.run(["mail", "bounced"] + arguments, input: message)
        }

        /// All that a bounce could change.
        func content() throws -> String { try desk.shell("SELECT * FROM job; SELECT * FROM audit_event") }
    }

    @Test("A failure is on the job, its page, the lists, the account, in metrics and in the audit log")
    func failed() throws {
        let scene = try Scene()
        let (desk, reason) = (scene.desk, "550 5.1.1 The account does not exist: könig")
        #expect(scene.address.wholeMatch(of: /bounce\+1\.[a-z2-7]{16}@example\.org/) != nil)
        // Mailers change the case of addresses.
        let finished = try scene.hand(over: try scene.message("postfix-failed", to: scene.address.uppercased()))
        #expect(finished.exit == .code(0))
        #expect(finished.output == "The mail of job 1 has bounced: \(reason)")

        let page = try desk.succeed("queue", "show", "1")
        for sign in ["state     done", "outcome   bounced", "reason    \(reason)", "bounced   "] {
            #expect(page.contains(sign), "\(sign) in\n\(page)")
        }
        #expect(try desk.decoded([JobLine].self, "queue", "list", "--outcome", "bounced").map(\.id) == [1])
        #expect(try desk.decoded([JobLine].self, "queue", "list", "--outcome", "mailed").isEmpty)
        let misspelt = try desk.run("queue", "list", "--outcome", "bouncd")
        #expect(misspelt.exit == .code(2) && misspelt.error.contains("did you mean bounced?"))
        #expect(try desk.succeed("user", "show", "budi").contains(try Regex("last bounce +.* UTC, job 1: 550 5.1.1")))
        #expect(try desk.audit().last == "mail_bounced job:1 \(reason)")

        let client = HTTPClient(port: desk.operationsPort)
        let sample = #"pulih_jobs_bounced_total{kind="reset-request"} 1"#
        #expect(try client.get("/metrics").text.contains(sample))
        let shown = try client.get("/jobs/1", headers: [("Accept-Language", "en")]).text
        #expect(shown.contains("Bounced") && shown.contains("mail_bounced") && shown.contains("könig"))
        #expect(try client.get("/jobs?outcome=bounced").text.contains("/jobs/1\""))
        #expect(try client.get("/api/v1/jobs?outcome=bounced").text.contains("\"bouncedAt\":"))
        try scene.worker.stop(timeout: .seconds(15))
    }

    @Test("What changes nothing says why and ends with 0: the mail system must not send it back")
    func unchanged() throws {
        let scene = try Scene()
        let tag = scene.address.dropFirst("bounce+1.".count).prefix(16)
        let forged = "bounce+1.\(String(tag.reversed()))@example.org"
        let vacation = """
            Return-Path: <>
            From: budi@example.org
            To: \(scene.address)
            Auto-Submitted: auto-replied
            Subject: I am away. 550 5.1.1

            I am away.
            """
        let messages: [(message: String, words: String)] = [
            (try scene.message("postfix-delayed"), "is delayed and still tried: 4.4.1 "),
            (try scene.message("exim-delayed"), "is delayed and still tried: 4.0.0 "),
            (try scene.message("postfix-failed", to: forged), "\(forged) was never given out"),
            (try scene.message("exim-failed", to: "bounce+2.\(tag)@example.org"), "There is no job 2"),
            (try scene.message("postfix-failed", to: "bounce+1.\(tag)@example.com"), "came to no return address"),
            (try scene.message("postfix-failed", to: "bounce@example.org"), "came to no return address"),
            (vacation, "automatic reply"), ("To: \(scene.address)\n\nHello", "no delivery report"),
            ("", "came to no return address"), (String(repeating: "\u{0}\n", count: 99), "came to no return address"),
        ]
        let before = try scene.content()
        for (message, words) in messages {
            let finished = try scene.hand(over: message)
            #expect(finished.exit == .code(0), "\(words)")
            #expect(finished.output.contains(words), "\(finished.output)\(finished.error)")
            #expect(finished.output.hasSuffix("Nothing is changed."))
        }
        #expect(try scene.content() == before)

        // The second time for the same job, whoever sends it.
        #expect(try scene.hand(over: try scene.message("exim-failed")).output.contains("has bounced: 550 5.1.1"))
        let after = try scene.content()
        let again = try scene.hand(over: try scene.message("postfix-global"))
        #expect(again.exit == .code(0) && again.output.contains("has bounced before"))
        #expect(try scene.content() == after)
        try scene.worker.stop(timeout: .seconds(15))
    }

    @Test("The address that the mail system names is enough; a message of 1 GB is read to its end in bounded memory")
    func option() throws {
        let scene = try Scene()
        let foreign = try scene.message("postfix-failed", to: "postmaster@example.org")
        try scene.desk.folder.write(foreign, to: "report")
        let pulih = try Binary.path(named: "pulih")
        let script = """
            set -o pipefail; ulimit -v 600000
            (cat "$1"; head -c 1G /dev/zero) | "$2" mail bounced --config "$3" --recipient "$4"
            """
        let finished = try Subprocess.run(
            "bash",
            [
                "-c", script, "-", scene.desk.folder.file("report"), pulih, scene.desk.configuration, scene.address,
            ], timeout: .seconds(60))
        #expect(finished.exit == .code(0), "\(finished.error)")
        #expect(finished.output.hasPrefix("The mail of job 1 has bounced: 550 5.1.1"))
        try scene.worker.stop(timeout: .seconds(15))
    }

    @Test(
        "Status 75 makes the mail system try again: no configuration, no mail.bounce, no database, a job under way",
        .onSQLite)
    func later() throws {
        let scene = try Scene()
        try scene.worker.stop(timeout: .seconds(15))
        let message = try scene.message("postfix-failed")
        let elsewhere = try OperatorClient()
        let unset = try elsewhere.run(["mail", "bounced"], input: message)
        #expect(unset.exit == .code(75) && unset.error.contains("mail.bounce is not configured"))
        let missing = try Subprocess.run(
            try Binary.path(named: "pulih"), ["mail", "bounced", "--config", "/nonexistent"], input: message)
        #expect(missing.exit == .code(75) && missing.error.contains("cannot be read"))

        try scene.desk.shell("UPDATE job SET state = 'running', lease_until = 0, outcome = NULL, finished_at = NULL")
        let early = try scene.hand(over: message)
        #expect(early.exit == .code(75) && early.output.contains("Job 1 is running"))
        try scene.desk.shell("UPDATE job SET state = 'done', lease_until = NULL, outcome = 'mailed', finished_at = 0")

        let database = scene.desk.folder.file("pulih.db")
        try FileManager.default.moveItem(atPath: database, toPath: database + ".away")
        try scene.desk.folder.write("no database", to: "pulih.db")
        let broken = try scene.hand(over: message)
        #expect(broken.exit == .code(75) && broken.error.contains("not a database"), "\(broken.error)")
        try FileManager.default.removeItem(atPath: database)
        try FileManager.default.moveItem(atPath: database + ".away", toPath: database)
        #expect(try scene.hand(over: message).output.hasPrefix("The mail of job 1 has bounced"))
    }
}
