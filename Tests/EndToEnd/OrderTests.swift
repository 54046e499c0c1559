import Foundation
import Support
import Testing

/// A person who waits in front of a page does not wait behind others' mail, nor behind a relay that hangs on them.
@Suite
struct OrderTests {
    private let budi = Installation.budi

    /// Queues test mails as another program would, in a class of its own choice.
    private func enqueue(_ count: Int, to address: String, jobClass: String, _ installation: Installation) throws {
        try installation.execute(
            """
            INSERT INTO job (kind, payload, class)
            WITH RECURSIVE number(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM number WHERE n < \(count))
            SELECT 'mail-test', '{"to": "\(address)"}', '\(jobClass)' FROM number;
            """)
    }

    @Test("A reset's mail passes thousands that wait, over one lane or several, and those go on", arguments: [1, 4])
    func urgentFirst(lanes: Int) throws {
        let installation = try Installation(settings: "worker: { lanes: \(lanes) },")
        try installation.mail.follow([.delay(.milliseconds(20), at: .body)])
        try enqueue(2000, to: "many@example.org", jobClass: "bulk", installation)
        let service = try installation.start()
        _ = try installation.mail.waitForMessages(20, timeout: .seconds(30)) { _ in true }
        let before = installation.mail.messages.count
        #expect(try installation.ask(for: budi).status == 303)
        _ = try installation.resetMail(to: budi)
        let place = try #require(installation.mail.messages.firstIndex { $0.recipients == [budi.email] })
        // What was under way, what had been handed to the lanes, and what went while the form was filled in.
        #expect(place - before < 100, "\(place - before) mails went first")
        let status = try installation.succeed("queue", "status")
        #expect(status.contains("bulk (the oldest for"))
        #expect(try installation.succeed("queue", "list", "--kind", "reset-request").contains("urgent"))
        _ = try installation.mail.waitForMessages(place + 50, timeout: .seconds(30)) { _ in true }
        try service.stop(timeout: .seconds(15))
    }

    @Test("A relay that hangs on others' recipients holds up nobody else, and operators see at which step it hangs")
    func hangingRelay() throws {
        let installation = try Installation(settings: "worker: { lanes: 2 },")
        let tarpits = ["one@example.org", "two@example.org"]
        try installation.mail.follow(tarpits.map { .delay(.seconds(120), at: .recipient, recipient: $0) })
        for address in tarpits { try enqueue(1, to: address, jobClass: "normal", installation) }
        let service = try installation.start()
        try Eventually.holds("both lanes wait", timeout: .seconds(20)) {
            try installation.succeed("queue", "status").contains(
                "2 lanes wait (of 2) for the relay's answer at recipient")
        }
        #expect(try installation.succeed("queue", "status").contains("held up by the relay, urgent mail excepted"))
        #expect(try installation.ask(for: budi).status == 303)
        _ = try installation.resetMail(to: budi, timeout: .seconds(20))
        let metrics = try HTTPClient(port: installation.operations.number).get("/metrics").text
        #expect(metrics.contains("\npulih_relay_waiting_lanes 2"))
        try service.stop(timeout: .seconds(15))
    }

    @Test("The class of a queued request is what was said, else that of its kind")
    func classes() throws {
        let installation = try Installation()
        let request = ["--user-id", "budi", "--email", "budi@example.org", "--user-type", "penyedia"]
        func add(_ more: String...) throws {
            let finished = try Subprocess.run(
                try Binary.path(named: "pulih"),
                ["queue", "add"] + request + more + ["--config", installation.configuration])
            #expect(finished.exit == (more.last == "soon" ? .code(2) : .code(0)), "\(finished.error)")
        }
        try add()
        try add("--class", "bulk")
        try add("--class", "soon")
        let list = try installation.succeed("queue", "list", "--json")
        #expect(list.contains("\"class\" : \"urgent\"") || list.contains("\"class\":\"urgent\""))
        #expect(list.contains("bulk"))
    }
}
