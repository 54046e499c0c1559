import Foundation
import Support
import Testing

/// The queue in an operator's hands, through the command line.
@Suite
struct QueueCommandTests {
    @Test("By filter: the count comes first, nothing changes without --yes, then all at once, each audited")
    func bulk() throws {
        let desk = try OperatorClient()
        try desk.succeed("queue", "status")
        try desk.insert(1200, state: "dead", reason: "550 No such mailbox")
        try desk.insert(3, state: "dead", reason: "552 too large")
        let filter = ["--state", "dead", "--reason", "no such MAILBOX"]
        let dry = try desk.run(["queue", "retry"] + filter + ["--dry-run"])
        #expect(dry.exit == .code(0))
        #expect(dry.output == "1,200 jobs can be retried (1,200 dead). Nothing was changed.")
        let unasked = try desk.run(["queue", "retry"] + filter)
        #expect(unasked.exit == .code(1))
        #expect(unasked.error.contains("1,200 jobs can be retried"))
        #expect(unasked.error.contains("--yes"))
        #expect(try desk.states() == ["dead": 1203])
        let done = try desk.run(["queue", "retry"] + filter + ["--yes", "--why", "mailboxes are back"])
        #expect(done.exit == .code(0), "\(done.error)")
        #expect(done.output == "1,200 jobs are ready again.")
        #expect(try desk.states() == ["ready": 1200, "dead": 3])
        let audit = try desk.audit()
        #expect(audit.count == 1200)
        #expect(audit.allSatisfy { $0.hasPrefix("queue_job_retried job:") })
        #expect(audit.allSatisfy { $0.hasSuffix(" was dead; mailboxes are back") })
        #expect(try desk.run("audit", "verify").exit == .code(0))
    }

    @Test("By id: each is told in a line, refusals with their reason and exit 1")
    func byID() throws {
        let desk = try OperatorClient()
        try desk.succeed("queue", "status")
        try desk.insert(2, state: "ready")
        try desk.insert(1, state: "done")
        #expect(try desk.succeed("queue", "hold", "1", "2") == "Job 1 is held.\nJob 2 is held.")
        let mixed = try desk.run("queue", "release", "1", "3", "9")
        #expect(mixed.exit == .code(1))
        #expect(mixed.output == "Job 1 is ready again.")
        #expect(mixed.error.contains("Job 3 is done: only held jobs can be released."))
        #expect(mixed.error.contains("There is no job 9."))
        #expect(try desk.succeed("queue", "discard", "2") == "Job 2 is discarded.")
        #expect(try desk.run("queue", "retry", "2").error.contains("Job 2 is discarded: only dead, held and scheduled"))
        #expect(try desk.states() == ["ready": 1, "done": 1, "discarded": 1])
    }

    @Test("Without ids and without a filter nothing is understood", arguments: ["retry", "discard", "hold", "release"])
    func neither(change: String) throws {
        let desk = try OperatorClient()
        let bare = try desk.run("queue", change, "--yes")
        #expect(bare.exit == .code(2))
        #expect(bare.error.contains("tell which jobs"))
        #expect(try desk.run("queue", change, "1", "--kind", "mail-test", "--yes").exit == .code(2))
        #expect(try desk.run("queue", change, "--state", "done", "--yes").exit == .code(2))
        #expect(try desk.run("queue", change, "--state", "ded", "--yes").exit == .code(2))
    }

    @Test("On a terminal the question is asked, and only a yes changes anything")
    func asked() throws {
        let desk = try OperatorClient()
        try desk.succeed("queue", "status")
        try desk.insert(2, state: "dead")
        func answer(_ text: String) throws -> Subprocess.Finished {
            let pulih = try Binary.path(named: "pulih")
            let command = "\(pulih) queue discard --state dead --config \(desk.configuration)"
            return try Subprocess.run("script", ["-qec", command, "/dev/null"], input: text + "\n")
        }
        let no = try answer("n")
        #expect(no.exit == .code(1))
        #expect(no.output.contains("2 jobs can be discarded (2 dead). Go on? [y/N]"))
        #expect(try desk.states() == ["dead": 2])
        let yes = try answer("y")
        #expect(yes.exit == .code(0), "\(yes.output)")
        #expect(yes.output.contains("2 jobs are discarded."))
        #expect(try desk.states() == ["discarded": 2])
    }

    @Test("Every filter of the list chooses what it says")
    func filters() throws {
        let desk = try OperatorClient()
        let password = try desk.folder.write("empat kata yang panjang\n", to: "password")
        let account = ["--email", "a@example.org", "--type", "penyedia", "--password-file", password]
        #expect(try desk.run(["user", "add", "user2"] + account).exit == .code(0))
        try desk.insert(5, state: "ready")
        try desk.insert(2, state: "dead", kind: "mail-test", reason: "450 Greylisted")
        func ids(_ options: String...) throws -> [Int64] {
            let finished = try desk.run(["queue", "list", "--json"] + options)
            return try JSONDecoder().decode([JobLine].self, from: Data(finished.output.utf8)).map(\.id)
        }
        #expect(try ids() == [7, 6, 5, 4, 3, 2, 1])
        #expect(try ids("--state", "dead") == [7, 6])
        #expect(try ids("--kind", "mail-test", "--limit", "1") == [7])
        #expect(try ids("--before", "3") == [2, 1])
        #expect(try ids("--account", "user2") == [7, 2])
        #expect(try ids("--older-than", "3 min") == [5, 4, 3])
        #expect(try ids("--newer-than", "150 s", "--state", "ready") == [2, 1])
        #expect(try ids("--reason", "greylist") == [7, 6])
        #expect(try desk.run("queue", "list", "--account", "user3").error.contains("Did you mean user2?"))
        #expect(try desk.run("queue", "list", "--older-than", "soon").exit == .code(2))
    }

    @Test("show tells the account, the request and every attempt, the relay's words wrapped and whole")
    func show() throws {
        let desk = try OperatorClient()
        try desk.succeed(
            "queue", "add", "--user-id", "budi", "--email", "budi@example.org", "--user-type", "penyedia")
        let words = (1...40).map { "word\($0)" }.joined(separator: " ")
        try desk.shell(
            """
            UPDATE job SET attempts = 2, state = 'dead', outcome = 'rejected', reason = 'refused';
            INSERT INTO attempt (job, number, started_at, seconds, stage, code, verdict, reply, reused, worker)
            VALUES (1, 1, 0, 0.0121, 'recipient', 450, 'temporary', '4.2.0 \(words)', 0, 'w'),
                (1, 2, 9000, 1.24, 'body', 554, 'permanent', '5.7.1 spam', 1, 'w');
            """)
        let page = try desk.succeed("queue", "show", "1")
        let request = try desk.shell("SELECT request_id FROM job")
        for sign in [
            "account   budi", "request   \(request)", "state     dead",
            "1970-01-01 00:00:00 UTC  temporary at recipient 450  after 13 ms  new connection  w",
            "permanent at body 554  after 1.2 s  reused connection  w",
        ] {
            #expect(page.contains(sign), "\(sign) in\n\(page)")
        }
        let lines = page.split(separator: "\n")
        #expect(lines.allSatisfy { $0.count <= 100 })
        #expect(page.split(whereSeparator: \.isWhitespace).joined(separator: " ").contains("4.2.0 \(words)"))
        struct Shown: Decodable {
            let account: String
            let requestID: String
            let tries: [JobLine.Try]
        }
        let shown = try desk.decoded(Shown.self, "queue", "show", "1")
        #expect(shown.account == "budi")
        #expect(shown.requestID == request)
        #expect(shown.tries.map(\.code) == [450, 554])
        #expect(!page.contains("budi@example.org"), "what was typed stays out")
        try desk.shell("UPDATE job SET attempts = 1")
        let counted = try desk.succeed("queue", "show", "1")
        #expect(counted.contains("attempts  1 (of 2 below: faults of the relay do not count,"))
        try desk.shell("DELETE FROM attempt")
        #expect(try desk.succeed("queue", "show", "1").hasSuffix("No delivery has been attempted."))
    }

    @Test("pause keeps a kind from being tried, status says who, since when and why, resume lets it go")
    func lanes() throws {
        let desk = try OperatorClient()
        let paused = try desk.succeed("queue", "pause", "mail-test", "--why", "relay maintenance")
        #expect(paused.contains("mail-test is paused: 0 ready jobs wait."))
        let again = try desk.run("queue", "pause", "mail-test")
        #expect(again.exit == .code(1))
        #expect(again.error.contains("paused already"))
        #expect(again.error.contains("relay maintenance"))
        let status = try desk.succeed("queue", "status")
        #expect(status.contains(try Regex(#"mail-test is paused by operator:\w+ since .* UTC \(\d+ s\)"#)))
        #expect(status.contains("pulih queue resume mail-test --config \(desk.configuration)"))
        let misspelt = try desk.run("queue", "pause", "mail-tets")
        #expect(misspelt.exit == .code(2))
        #expect(misspelt.error.contains("did you mean mail-test?"))
        try desk.succeed("queue", "pause", "all")
        #expect(try desk.succeed("queue", "resume") == "Everything is resumed. Still paused: mail-test.")
        #expect(try desk.succeed("queue", "resume", "mail-test") == "mail-test is resumed.")
        #expect(try desk.run("queue", "resume", "mail-test").exit == .code(1))
        #expect(
            try desk.audit().map { $0.split(separator: " ")[0] } == [
                "queue_lane_paused", "queue_lane_paused", "queue_lane_resumed", "queue_lane_resumed",
            ])
    }

    @Test("drain waits for what is running, and gives up when the time is over, with everything still paused")
    func drain() throws {
        let desk = try OperatorClient()
        try desk.succeed("queue", "status")
        try desk.insert(1, state: "running")
        let late = try desk.run("queue", "drain", "--wait", "1")
        #expect(late.exit == .code(1))
        #expect(late.output.contains("1 job is running …"))
        #expect(late.error.contains("After 1 s 1 job is still running."))
        #expect(late.error.contains("elsewhere") || late.error.contains("reset-request"))
        let drain = try desk.start("queue", "drain", ready: "1 job is running")
        try desk.shell("UPDATE job SET state = 'done', lease_until = NULL, finished_at = \(OperatorClient.now)")
        #expect(try drain.waitForExit(timeout: .seconds(20)) == .code(0))
        #expect(drain.text(.output).contains("Everything was paused already."))
        #expect(drain.text(.output).contains("Nothing is running. Open again with: pulih queue resume all"))
        #expect(try desk.audit().count == 1)
    }

    @Test("prune deletes old finished jobs alone, after telling how many")
    func prune() throws {
        let desk = try OperatorClient()
        try desk.succeed("queue", "status")
        try desk.insert(700, state: "done")
        try desk.insert(5, state: "dead")
        try desk.shell(
            "UPDATE job SET finished_at = \(OperatorClient.now) - CASE WHEN id <= 600 THEN 7200000 ELSE 0 END")
        #expect(try desk.run("queue", "prune").exit == .code(2))
        let unasked = try desk.run("queue", "prune", "--older-than", "1 h")
        #expect(unasked.exit == .code(1))
        #expect(unasked.error.contains("600 jobs that were finished before"))
        #expect(try desk.succeed("queue", "prune", "--older-than", "1 h", "--dry-run").contains("Nothing was changed"))
        #expect(try desk.succeed("queue", "prune", "--older-than", "1 h", "--yes") == "600 jobs are deleted.")
        #expect(try desk.states() == ["done": 100, "dead": 5])
        #expect(
            try desk.audit().map { String($0.prefix(26)) }
                == ["queue_pruned queue 500 jobs", "queue_pruned queue 100 jobs"].map { String($0.prefix(26)) })
    }

    @Test("status --watch prints again and again, as text and as lines of JSON, until it is interrupted")
    func watch() throws {
        let desk = try OperatorClient()
        let text = try desk.start("queue", "status", "--watch", ready: "No mail can go out")
        let json = try desk.start("queue", "status", "--watch", "--json", ready: "{")
        let first = try #require(json.lines.first)
        try desk.insert(1, state: "ready")
        let second = try json.waitForLine(after: first) { $0.contains("\"state\":\"ready\"") }
        #expect(second.text.hasPrefix("{\"at\":"))
        try text.waitForLine { $0.contains("1 job is ready") }
        for process in [text, json] {
            process.signal(SIGINT)
            #expect(try process.waitForExit() == .code(0))
        }
    }

    @Test("On a terminal status --watch draws on a screen of its own and brings the old one back")
    func screen() throws {
        let desk = try OperatorClient()
        let pulih = try Binary.path(named: "pulih")
        let command = "timeout -s INT 3 \(pulih) queue status --watch --config \(desk.configuration)"
        let finished = try Subprocess.run("script", ["-qec", command, "/dev/null"])
        #expect(finished.output.hasPrefix("\u{1B}[?1049h\u{1B}[?25l"))
        #expect(finished.output.hasSuffix("\u{1B}[?25h\u{1B}[?1049l"))
        #expect(
            finished.output.components(separatedBy: "No mail can go out").count == 3, "drawn twice in three seconds")
    }

    @Test("Every command tells what it is for and what it takes")
    func help() throws {
        let commands =
            [
                "status", "list", "show", "add", "retry", "discard", "hold", "release", "pause", "resume", "drain",
                "prune",
            ].map { ["queue", $0] } + ["list", "verify", "export"].map { ["audit", $0] } + [["mail", "test"]]
        for command in commands {
            let help = try Subprocess.output(of: try Binary.path(named: "pulih"), command + ["--help"])
            #expect(help.contains("Usage: pulih \(command.joined(separator: " "))"))
            #expect(help.contains("--config FILE"))
            #expect(help.split(separator: "\n").allSatisfy { $0.count <= 100 }, "\(help)")
        }
    }
}
