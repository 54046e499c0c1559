import Foundation
import Glibc
import Support
import Testing

/// Real processes, killed with real signals.
@Suite
struct WorkerProcessTests {
    private let budi = Installation.budi

    @Test("A worker killed while sending: another takes the job up when the lease lapses, with the same link")
    func killedWhileSending() throws {
        let installation = try Installation(settings: "worker: { lease: \"5 s\" },")
        // The first body is answered only after the worker is dead.
        try installation.mail.follow([.delay(.seconds(30), at: .body, times: 1)])
        let portal = try installation.start("portal")
        let first = try installation.start("worker")
        #expect(try installation.ask(for: budi).status == 303)
        let lost = try installation.mail.waitForMessage { _ in true }
        first.signal(SIGKILL)
        #expect(try first.waitForExit() == .signal(SIGKILL))
        let second = try installation.start("worker")
        let messages = try installation.mail.waitForMessages(2, timeout: .seconds(40)) { _ in true }
        #expect(try messages[1].parsed().links(in: .text) == lost.parsed().links(in: .text))
        #expect(try messages[1].parsed().header("Message-ID") == lost.parsed().header("Message-ID"))
        let done = try installation.waitForJob(in: "done", of: second)
        #expect(done.outcome == "mailed")
        #expect(done.attempts == 2)
        try second.stop(timeout: .seconds(15))
        try portal.stop(timeout: .seconds(15))
    }

    @Test("Two workers on one database: forty requests, forty mails, none twice")
    func twoWorkers() throws {
        let installation = try Installation()
        let portal = try installation.start("portal")
        for number in 1...20 {
            for person in [Installation.budi, Installation.sari] {
                try installation.succeed(
                    "queue", "add", "--user-id", person.userID, "--email", person.email, "--user-type",
                    person.userType, "--address", "192.0.2.\(number)")
            }
        }
        let other = try FreePort()
        let copy = try installation.folder.read("pulih.json5").replacingOccurrences(
            of: "127.0.0.1:\(installation.operations.number)", with: "127.0.0.1:\(other.number)")
        let file = try installation.folder.write(copy, to: "second.json5")
        let first = try installation.start("worker")
        let second = try Subprocess(try Binary.path(named: "pulih"), ["worker", "--config", file])
        let messages = try installation.mail.waitForMessages(40, timeout: .seconds(60)) { _ in true }
        let ids = try messages.map { try $0.parsed().header("Message-ID") }
        #expect(Set(ids).count == 40)
        for process in [first, second] { #expect(try process.stop(timeout: .seconds(15)) == .code(0)) }
        #expect(installation.mail.messages.count == 40)
        let jobs = try installation.jobs()
        #expect(jobs.allSatisfy { $0.state == "done" && $0.outcome == "mailed" && $0.attempts == 1 })
        try portal.stop(timeout: .seconds(15))
    }

    @Test("TERM while mails are under way: they finish, the rest stays in the queue, and the end comes within 15 s")
    func drains() throws {
        let installation = try Installation(settings: "worker: { lanes: 2 },")
        let people = (1...12).map { "user\($0)" }
        let list =
            ["user_id,email,user_type,otpauth"]
            + people.map { name in
                "\(name),\(name)@example.org,penyedia,otpauth://totp/Pulih:\(name)?secret=\(Installation.secret)"
            }
        try installation.succeed(
            "user", "import", try installation.folder.write(list.joined(separator: "\n"), to: "people.csv"))
        for name in people {
            try installation.succeed(
                "queue", "add", "--user-id", name, "--email", "\(name)@example.org", "--user-type", "penyedia")
        }
        try installation.mail.follow([.delay(.milliseconds(1500), at: .body)])
        let service = try installation.start()
        try installation.mail.waitForMessages(2) { _ in true }
        service.signal(SIGTERM)
        let start = ContinuousClock.now
        #expect(try service.waitForExit(timeout: .seconds(15)) == .code(0))
        #expect(ContinuousClock.now - start < .seconds(15))
        let jobs = try installation.jobs()
        #expect(jobs.count == 12)
        #expect(jobs.filter { $0.state == "running" }.isEmpty)
        #expect(jobs.filter { $0.outcome == "mailed" }.count == installation.mail.messages.count)
        // The next start sends what was left, each once.
        try installation.mail.follow([])
        let again = try installation.start()
        let messages = try installation.mail.waitForMessages(12, timeout: .seconds(30)) { _ in true }
        #expect(try Set(messages.map { try $0.parsed().header("Message-ID") }).count == 12)
        try again.stop(timeout: .seconds(15))
        #expect(installation.mail.messages.count == 12)
    }

    @Test("A request enqueued by an outside program with two columns is worked on at once")
    func outsideProgram() throws {
        let installation = try Installation()
        let service = try installation.start()
        try installation.execute(
            """
            INSERT INTO job (kind, payload) VALUES ('reset-request',
                '{"user_id": "sari", "email": "sari@example.org", "user_type": "non-penyedia"}');
            """)
        let message = try installation.resetMail(to: Installation.sari)
        #expect(try message.parsed().text?.contains("sari") == true)
        try service.stop(timeout: .seconds(15))
    }
}
