import Foundation
import Support
import Testing

/// Holds what was promised against what is there afterwards.
struct FailoverCheck {
    private let machines: Machines
    private let history: FailoverHistory
    /// Those whose links were opened.
    private let opened: Set<Int>

    /// Mails whose body arrived more than once.
    private(set) var repeats = 0
    private(set) var mails = 0

    init(_ machines: Machines, _ history: FailoverHistory, opened: Set<Int>) {
        (self.machines, self.history, self.opened) = (machines, history, opened)
    }

    mutating func run() throws {
        try waitUntilSettled()
        try checkRequests()
        try checkRepeatedRequests()
        try checkMails()
        try checkEffects()
        try machines.run("audit", "verify")
    }

    private var story: Comment { Comment(rawValue: history.story) }

    private func waitUntilSettled() throws {
        try Eventually.holds("every job is settled\n\(history.story)", timeout: .seconds(120)) {
            try machines.database.psql("SELECT count(*) FROM job WHERE state NOT IN ('done', 'dead', 'discarded')")
                == "0"
        }
    }

    /// Whoever was told that a mail is on its way has a request in the database that came to its end.
    private func checkRequests() throws {
        let rows = try machines.database.psql(
            "SELECT request_id, state, outcome, reason FROM job WHERE kind = 'reset-request'")
        let jobs = Dictionary(
            rows.split(separator: "\n").map { line in
                let fields = line.split(separator: "|", omittingEmptySubsequences: false).map(String.init)
                return (fields[0], fields.dropFirst().joined(separator: " "))
            }, uniquingKeysWith: { "\($0) and \($1)" })
        for (person, request) in history.acknowledged {
            let end = jobs[request]
            // One whose worker died is overtaken when the link of its mail has been used, or another took its place.
            let isKept = end?.hasPrefix("done mailed") == true || end == "done refused overtaken"
            #expect(isKept, "user\(person): \(request) is \(end ?? "LOST")\n\(history.story)")
        }
    }

    /// An application's request that was sent again, since its answer was lost, is one request.
    private func checkRepeatedRequests() throws {
        let counts = try machines.database.psql(
            """
            SELECT count(*), count(DISTINCT request_id) FROM job
            WHERE kind = 'reset-request' AND application = 'e-katalog'
            """)
        let asked = history.acknowledged.count { FailoverPeople.hasApplication($0.person) }
        #expect(counts == "\(asked)|\(asked)", story)
    }

    /// Each of them was mailed, and who was mailed twice has the same link under the same number.
    private mutating func checkMails() throws {
        let resets = machines.mail.messages.filter(\.isAccepted)
        let parsed = try resets.map { ($0.recipients[0], try $0.parsed()) }
            .filter { $0.1.subject == "Konfirmasi Permintaan Reset TOTP" }
        let mailed = Set(parsed.map(\.0))
        for (person, _) in history.acknowledged {
            #expect(mailed.contains("user\(person)@example.org"), "user\(person) was not mailed\n\(history.story)")
        }
        let groups = Dictionary(grouping: parsed) { $0.1.header("Message-ID") ?? "" }
        for (id, copies) in groups {
            let links = Set(copies.map { $0.1.links(in: .text) + $0.1.links(in: .html) })
            #expect(links.count == 1 && !id.isEmpty, "\(id) came with \(links)\n\(history.story)")
        }
        let links = Dictionary(grouping: parsed) { $0.1.links(in: .text).first ?? "" }
        #expect(links.count == groups.count, "a link under two numbers\n\(history.story)")
        (mails, repeats) = (parsed.count, parsed.count - groups.count)
    }

    /// Each link that was opened took effect once, and nothing else did.
    private func checkEffects() throws {
        let confirmed = history.entries.filter { if case .confirmed = $0.event { true } else { false } }
        #expect(Set(confirmed.map(\.person)).count == confirmed.count, "a link took effect twice\n\(history.story)")
        let effects = try machines.database.psql(
            """
            SELECT subject FROM audit_event WHERE name = 'authn_totp_reset' ORDER BY subject;
            """)
        #expect(effects.split(separator: "\n").map(String.init) == opened.map { "user\($0)" }.sorted(), story)
        for (what, sql) in Self.doubles {
            let found = try machines.database.psql(sql)
            #expect(found.isEmpty, "\(what): \(found)\n\(history.story)")
        }
        let notices = try machines.database.psql("SELECT count(*) FROM job WHERE kind = 'reset-notice'")
        #expect(notices == "\(opened.count)", story)
    }

    /// What there must be none of.
    private static let doubles = [
        (
            "two open requests of an account",
            "SELECT account FROM reset_request WHERE state = 'open' GROUP BY account HAVING count(*) > 1"
        ),
        ("two requests of one job", "SELECT job FROM reset_request GROUP BY job HAVING count(*) > 1"),
        (
            "a job settled twice",
            "SELECT job FROM attempt WHERE verdict = 'delivered' GROUP BY job HAVING count(*) > 1"
        ),
        ("one number twice", "SELECT request_id FROM job GROUP BY request_id HAVING count(*) > 1"),
        (
            "a secret that a used link left",
            """
            SELECT user_id FROM account WHERE totp <> 'none'
                AND id IN (SELECT account FROM reset_request WHERE state = 'used')
            """
        ),
    ]
}
