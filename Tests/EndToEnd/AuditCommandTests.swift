import Foundation
import Support
import Testing

/// The audit log through the command line, and what becomes of one that somebody has changed.
@Suite
struct AuditCommandTests {
    private struct Event: Decodable {
        let number: Int64
        let event: String
        let actor: String
        let subject: String
        let detail: String
        let hash: String
    }

    private struct Finding: Decodable {
        struct Head: Decodable {
            let number: Int64
            let hash: String
        }
        let ok: Bool
        let count: Int
        let head: Head?
        let brokenAt: Int64?
    }

    /// With five events: three jobs held, one lane paused and resumed.
    private func desk() throws -> OperatorClient {
        let desk = try OperatorClient()
        try desk.succeed("queue", "status")
        try desk.insert(3, state: "ready")
        try desk.succeed("queue", "hold", "1", "2", "3", "--why", "a look first")
        try desk.succeed("queue", "pause", "mail-test")
        try desk.succeed("queue", "resume", "mail-test")
        return desk
    }

    /// Changes the log as somebody with write access to the file would, past the triggers.
    private func forge(_ desk: OperatorClient, _ sql: String) throws {
        try desk.tamper(sql)
    }

    @Test("list filters by subject, actor, event and time, newest first, page by page")
    func list() throws {
        let desk = try desk()
        func numbers(_ options: String...) throws -> [Int64] {
            let finished = try desk.run(["audit", "list", "--json"] + options)
            return try JSONDecoder().decode([Event].self, from: Data(finished.output.utf8)).map(\.number)
        }
        #expect(try numbers() == [5, 4, 3, 2, 1])
        #expect(try numbers("--subject", "job:2") == [2])
        #expect(try numbers("--event", "queue_job_held", "--limit", "2") == [3, 2])
        #expect(try numbers("--before", "3") == [2, 1])
        #expect(try numbers("--actor", "operator:nobody") == [])
        #expect(try numbers("--since", "1 h").count == 5)
        #expect(try numbers("--since", "2099-01-01") == [])
        #expect(
            try desk.run("audit", "list", "--event", "queue_job_hold").error.contains("did you mean queue_job_held?"))
        #expect(try desk.run("audit", "list", "--since", "once").exit == .code(2))
        #expect(try desk.succeed("audit", "list").contains("was ready; a look first"))
    }

    @Test("verify tells the head of a whole log, and takes a head from elsewhere as a witness")
    func whole() throws {
        let desk = try desk()
        let early = try desk.decoded([Event].self, "audit", "list", "--limit", "1", "--before", "4")[0]
        let finding = try desk.decoded(Finding.self, "audit", "verify")
        #expect(finding.ok && finding.count == 5 && finding.brokenAt == nil)
        let head = try #require(finding.head)
        #expect(try desk.succeed("audit", "verify").contains("Head: 5:\(head.hash)"))
        let compared = try desk.succeed("audit", "verify", "--head", "3:\(early.hash)")
        #expect(compared.contains("runs through the head that was given"))
        #expect(try desk.run("audit", "verify", "--head", "3").exit == .code(2))
    }

    @Test(
        "A changed, removed or inserted event is found, with its number",
        arguments: [
            ("UPDATE audit_event SET detail = 'nothing' WHERE id = 2", 2),
            ("UPDATE audit_event SET actor = 'operator:else' WHERE id = 5", 5),
            ("DELETE FROM audit_event WHERE id = 3", 4),
            (
                "INSERT INTO audit_event (id, at, name, actor, subject, detail) VALUES (6, 1, 'x', 'x', 'x', 'x')", 6
            ),
        ])
    func broken(forgery: String, number: Int64) throws {
        let desk = try desk()
        try forge(desk, forgery)
        let told = try desk.run("audit", "verify")
        #expect(told.exit == .code(1))
        #expect(told.error.contains("broken at event \(number)"))
        let finding = try desk.decoded(Finding.self, "audit", "verify")
        #expect(!finding.ok && finding.brokenAt == number)
    }

    @Test("What the chain alone cannot show, a head from the log does: a cut end, and a log made anew")
    func witness() throws {
        let desk = try desk()
        let head = try #require(try desk.decoded(Finding.self, "audit", "verify").head)
        try forge(desk, "DELETE FROM audit_event WHERE id > 3")
        #expect(try desk.run("audit", "verify").exit == .code(0), "a cut end breaks no link")
        let cut = try desk.run("audit", "verify", "--head", "\(head.number):\(head.hash)")
        #expect(cut.exit == .code(1))
        #expect(cut.error.contains("was cut: there is no event 5, it ends at event 3"))
        let other = String(repeating: "0", count: 64)
        let anew = try desk.run("audit", "verify", "--head", "3:\(other)")
        #expect(anew.exit == .code(1))
        #expect(anew.error.contains("made anew"))
    }

    @Test("The head that the log tells fits what verify finds")
    func logged() throws {
        let desk = try desk()
        let worker = try desk.start("worker")
        let line = try worker.waitForLine(matching: #/event=audit.head number=(\d+) hash=([0-9a-f]{64})/#)
        try worker.stop(timeout: .seconds(15))
        #expect(try desk.run("audit", "verify", "--head", "\(line.1):\(line.2)").exit == .code(0))
    }

    @Test("export writes every event as a line of JSON, oldest first, to standard output or into a new file")
    func export() throws {
        let desk = try desk()
        let lines = try desk.succeed("audit", "export").split(separator: "\n")
        let events = try lines.map { try JSONDecoder().decode(Event.self, from: Data($0.utf8)) }
        #expect(events.map(\.number) == [1, 2, 3, 4, 5])
        #expect(events[0].subject == "job:1" && events[0].hash.count == 64)
        let file = desk.folder.file("audit.jsonl")
        #expect(try desk.succeed("audit", "export", "--to", file) == "5 events are written to \(file).")
        #expect(try desk.folder.read("audit.jsonl").split(separator: "\n") == lines)
        let mode = try FileManager.default.attributesOfItem(atPath: file)[.posixPermissions] as? Int
        #expect(mode == 0o600)
        let again = try desk.run("audit", "export", "--to", file)
        #expect(again.exit == .code(1))
        #expect(again.error.contains("File exists"))
        let full = try Subprocess.run(
            "sh",
            [
                "-c", "exec \"$0\" audit export --config \"$1\" > /dev/full", try Binary.path(named: "pulih"),
                desk.configuration,
            ])
        #expect(full.exit == .code(1), "what did not arrive is a failure")
        #expect(full.error.contains("No space left"))
    }
}
