import Foundation
import Support
import Testing

/// A queue with jobs in every state and a long history, through commands and in a browser: the answers are right, and
/// none of them is made by counting history.
@Suite
struct LongHistoryTests {
    private static let counts = ["scheduled": 30, "ready": 40, "running": 5, "held": 20, "dead": 50, "discarded": 10]
    private static let finished = 200_000

    private static func desk() throws -> OperatorClient {
        let desk = try OperatorClient()
        // Nothing is to be worked on while it is looked at.
        try desk.succeed("queue", "pause", "all", "--why", "stock-taking")
        try desk.shell(
            """
            WITH RECURSIVE number (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM number WHERE n < \(finished))
            INSERT INTO job (kind, state, outcome, reason, attempts, token, created_at, finished_at)
            SELECT 'reset-request', 'done', 'mailed', '2.0.0 Ok: queued as ' || n, 1, 1,
                \(OperatorClient.now) - 86400000 + n, \(OperatorClient.now) - 86400000 + n
            FROM number;
            """)
        for (state, count) in counts.sorted(by: { $0.key < $1.key }) {
            try desk.insert(count, state: state, reason: state == "dead" ? "550 5.1.1 No such mailbox" : "")
        }
        try desk.shell("UPDATE job SET run_at = \(OperatorClient.now) + 3600000 WHERE state = 'scheduled'")
        return desk
    }

    @Test("Commands tell each state as it is, and find one cause among two hundred thousand jobs")
    func commands() throws {
        let desk = try Self.desk()
        var states = try desk.states()
        #expect(states.removeValue(forKey: "done") == 10_000, "of what is finished the newest stand for all")
        #expect(states == Self.counts)
        for (state, count) in Self.counts {
            let jobs = try desk.decoded([JobLine].self, "queue", "list", "--state", state, "--limit", "1000")
            #expect(jobs.count == count && jobs.allSatisfy { $0.state == state })
        }
        let dead = try desk.decoded([JobLine].self, "queue", "list", "--reason", "no such mailbox")
        #expect(dead.count == 50 && dead.allSatisfy { $0.state == "dead" })
        let first = try desk.decoded([JobLine].self, "queue", "list", "--reason", "queued as 1", "--state", "done")
        #expect(first.count == 50)
        let oldest = try desk.decoded(JobLine.self, "queue", "show", "1")
        #expect(oldest.outcome == "mailed")
        let status = try desk.succeed("queue", "status")
        #expect(status.contains("50 jobs are dead") && status.contains("Everything is paused by operator:"))
        #expect(
            try desk.succeed("queue", "retry", "--state", "dead", "--yes") == "50 jobs are ready again.")
        #expect(
            try desk.succeed("queue", "prune", "--older-than", "1 h", "--dry-run").contains("200,000"),
            "what is to be deleted is counted in full")
    }

    @Test("The page shows each state, what was given up and what waits longest, and leads to each")
    func page() throws {
        let desk = try Self.desk()
        let worker = try desk.start("worker")
        let browser = try WebDriver()
        let address = "http://127.0.0.1:\(desk.operationsPort)"
        try browser.navigate(to: "\(address)/?lang=en")
        #expect(try browser.find("h1").text == "Mail is paused by an operator")
        for (state, count) in Self.counts {
            let tile = try browser.find(".tiles a[href='/jobs?state=\(state)']")
            #expect(try tile.text.split(separator: "\n").first.map(String.init) == "\(count)", "\(state)")
        }
        #expect(try browser.find(".tiles a[href='/jobs?state=done']").text.hasPrefix("10000+"))
        try browser.find(".tiles a[href='/jobs?state=dead']").click()
        try browser.waitUntil("the dead jobs are listed") { try $0.currentURL.hasSuffix("/jobs?state=dead") }
        #expect(try browser.findAll("tbody tr").count == 50)
        #expect(try browser.find("tbody tr").text.contains("No such mailbox"))
        try browser.navigate(to: "\(address)/jobs?state=done")
        #expect(try browser.findAll("tbody tr").count == 50, "a page of them, the newest first")
        #expect(try browser.find("tbody tr a").text == "\(Self.finished)")
        let complaints = try browser.consoleMessages()
        #expect(complaints == [])
        try worker.stop(timeout: .seconds(15))
    }
}
