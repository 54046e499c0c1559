import Domain
import Store
import Support
import Testing

/// Two databases in one process stand for two processes of ours: each has its own connections and its own descriptor of
/// the lock file. The `sqlite3` shell is a real other process, and none of ours.
@Suite("Several processes on one database")
struct TwoProcessTests {
    @Test("Nothing is lost when two of ours and an outside program write, while the log is truncated again and again")
    func threeWriters() throws {
        let fixture = try TemporarySQLiteDatabase()
        let other = try fixture.another()
        defer { other.close() }
        let now = fixture.clock.now()
        let payload = String(repeating: "x", count: 60_000)
        let outside = (1...150).map {
            "INSERT INTO job (kind, payload) VALUES ('reset-request', '{\"outside\": \($0)}');"
        }
        let answers = try inParallel(5) { thread -> [Int64] in
            if thread == 4 {
                try fixture.shell(outside.joined(separator: "\n"))
                return []
            }
            return try (0..<100).map { _ in
                try (thread % 2 == 0 ? fixture.database : other).write {
                    try $0.enqueue(NewJob(kind: "pile", payload: payload, createdAt: now))
                }
            }
        }
        let ids = answers.flatMap { $0 }
        #expect(Set(ids).count == 400)
        let jobs = try fixture.database.read { try $0.jobs(JobFilter(), limit: 10_000) }
        #expect(Set(ids).isSubset(of: Set(jobs.map(\.id))))
        #expect(jobs.count == 550)
        #expect(try fixture.shell("PRAGMA integrity_check;") == "ok")
        // 6,000 pages have passed through it.
        #expect(fixture.folder.size("pulih.db-wal") < 5_000 * 4_096)
    }

    @Test("Between two equal versions nobody has committed, neither we nor another program, whatever the log does")
    func dataVersions() throws {
        let fixture = try TemporarySQLiteDatabase()
        let other = try fixture.another()
        defer { other.close() }
        let versions = try #require(try fixture.database.openDataVersions())
        let now = fixture.clock.now()
        let insert = "INSERT INTO job (kind, payload) VALUES ('reset-request', '{}');"
        let rounds = 150
        let seen = try inParallel(4) { thread -> [(version: DataVersion, jobs: Int)] in
            switch thread {
            case 0:
                let line = insert + "PRAGMA wal_checkpoint(PASSIVE);"
                try fixture.shell(Array(repeating: line, count: rounds).joined(separator: "\n"))
            case 1, 2:
                for _ in 0..<rounds {
                    try (thread == 1 ? fixture.database : other).write {
                        _ = try $0.enqueue(NewJob(kind: "pile", payload: "{}", createdAt: now))
                    }
                }
            default:
                var seen: [(DataVersion, Int)] = []
                while (seen.last?.1 ?? 0) < 3 * rounds {
                    let before = versions.current
                    let jobs = try other.read { try $0.jobs(JobFilter(), limit: 1000).count }
                    if let before, before == versions.current { seen.append((before, jobs)) }
                }
                return seen
            }
            return []
        }.flatMap { $0 }
        // Each was true of what was read between two looks; so it must be of what was read elsewhere under the same version.
        var jobs: [DataVersion: Int] = [:]
        for state in seen { #expect(jobs.updateValue(state.jobs, forKey: state.version) ?? state.jobs == state.jobs) }
        #expect(Set(jobs.values).count > 10)
        let last = try #require(versions.current)
        try fixture.shell(insert)
        #expect(versions.current != last)
    }

    @Test("A program that holds the lock for a while delays a write and fails none")
    func patience() throws {
        let fixture = try TemporarySQLiteDatabase()
        let now = fixture.clock.now()
        let shell = try Subprocess(
            "sqlite3", ["-batch", fixture.path],
            input: "BEGIN IMMEDIATE;\n.print locked\n.shell sleep 0.3\nCOMMIT;\n.print free\n")
        try shell.waitForLine { $0 == "locked" }
        _ = try fixture.database.write { try $0.enqueue(NewJob(kind: "mail-test", payload: "", createdAt: now)) }
        #expect(try shell.waitForExit() == .code(0))
        #expect(try fixture.database.read { try $0.jobs(JobFilter(), limit: 9).count } == 1)
    }
}
