import Domain
import Store
import Support
import Testing

@Suite("The audit log")
struct AuditTests {
    @Test("A log that nobody touched is whole", arguments: TestEngine.allCases)
    func whole(engine: TestEngine) throws {
        let fixture = try TemporaryDatabase(on: engine)
        try fixture.append("a", "b", "c")
        #expect(try fixture.verify() == (.intact, 3))
    }

    @Test(
        "Every change of an event breaks the chain at it", arguments: TestEngine.allCases,
        [
            "at = at + 1", "name = 'x'", "actor = 'x'", "subject = 'x'", "address = NULL", "address = ''",
            "detail = 'x'", "hash = (SELECT hash FROM audit_event WHERE id = 1)", "hash = NULL",
        ])
    func changed(engine: TestEngine, assignment: String) throws {
        let fixture = try TemporaryDatabase(on: engine)
        try fixture.append("a", "b", "c")
        try fixture.tamper("UPDATE audit_event SET \(assignment) WHERE id = 2;")
        #expect(try fixture.verify().outcome == .broken(at: 2))
    }

    @Test("An event taken out, or put in between, breaks the chain after it", arguments: TestEngine.allCases)
    func missing(engine: TestEngine) throws {
        let fixture = try TemporaryDatabase(on: engine)
        try fixture.append("a", "b", "c")
        try fixture.tamper("DELETE FROM audit_event WHERE id = 2;")
        #expect(try fixture.verify().outcome == .broken(at: 3))
    }

    @Test("An event is kept as it was handed in", arguments: TestEngine.allCases)
    func kept(engine: TestEngine) throws {
        let fixture = try TemporaryDatabase(on: engine)
        let now = fixture.clock.now()
        let event = AuditEvent(
            name: .totpReset, at: now, actor: "budi", subject: "budi", address: nil, detail: "request x")
        try fixture.database.write { try $0.append(event) }
        #expect(
            try fixture.execute("SELECT at, name, actor, subject, coalesce(address, 'none'), detail FROM audit_event;")
                == "\(now)|authn_totp_reset|budi|budi|none|request x")
    }

    @Test("Events cannot be changed or deleted by mistake", arguments: TestEngine.allCases)
    func appendOnly(engine: TestEngine) throws {
        let fixture = try TemporaryDatabase(on: engine)
        try fixture.append("a")
        for sql in ["UPDATE audit_event SET detail = 'x';", "DELETE FROM audit_event;"] {
            #expect(throws: (any Error).self) { try fixture.execute(sql) }
        }
        #expect(try fixture.verify() == (.intact, 1))
    }

    @Test(
        "Events from before there was a chain are covered by the first hash after them", arguments: TestEngine.allCases)
    func older(engine: TestEngine) throws {
        let fixture = try TemporaryDatabase(on: engine)
        for (id, subject) in [(1, "a"), (2, "b")] {
            try fixture.execute(
                """
                INSERT INTO audit_event (id, at, name, actor, subject, detail)
                VALUES (\(id), \(id), 'authn_login_success', '\(subject)', '\(subject)', '');
                """)
        }
        try fixture.append("c")
        #expect(try fixture.verify() == (.intact, 3))
        try fixture.tamper("UPDATE audit_event SET subject = 'x' WHERE id = 1;")
        #expect(try fixture.verify().outcome == .broken(at: 3))
    }

    @Test("Many writers at once make one chain", arguments: TestEngine.allCases)
    func parallel(engine: TestEngine) throws {
        let fixture = try TemporaryDatabase(on: engine)
        let (database, now) = (fixture.database, fixture.clock.now())
        _ = try inParallel(32) { thread in
            for round in 0..<10 {
                let event = AuditEvent(
                    name: .loggedOut, at: now, actor: "\(thread)", subject: "\(round)", address: nil, detail: "")
                try database.write { try $0.append(event) }
            }
        }
        #expect(try fixture.verify() == (.intact, 320))
    }

    @Test(
        "Of writes that share a commit, the events of one that fails leave no gap in the chain",
        arguments: TestEngine.allCases)
    func shared(engine: TestEngine) throws {
        struct Refusal: Error {}
        let fixture = try TemporaryDatabase(on: engine)
        let (database, now) = (fixture.database, fixture.clock.now())
        let before = database.metrics.commits.count
        let results = try Batch(database).run(
            (0..<4).map { number in
                { transaction in
                    for _ in 0..<2 {
                        try transaction.append(
                            AuditEvent(
                                name: .loggedOut, at: now, actor: "\(number)", subject: "a", address: nil, detail: ""))
                    }
                    if number == 1 { throw Refusal() }
                }
            })
        #expect(results.map { $0.failure is Refusal } == [false, true, false, false])
        // The first is that of the write that kept the writer busy.
        #expect(database.metrics.commits.count == before + 2)
        #expect(try fixture.verify() == (.intact, 6))
    }

    @Test("Events are found by subject, actor, name, time and page, newest first", arguments: TestEngine.allCases)
    func filters(engine: TestEngine) throws {
        let fixture = try TemporaryDatabase(on: engine)
        try fixture.append("a", "b", "a", "c")
        func numbers(_ change: (inout AuditFilter) -> Void) throws -> [Int64] {
            var filter = AuditFilter()
            change(&filter)
            return try fixture.database.read { try $0.auditEvents(filter, limit: 10).map(\.number) }
        }
        #expect(try numbers { _ in } == [4, 3, 2, 1])
        #expect(try numbers { $0.subject = "a" } == [3, 1])
        #expect(try numbers { $0.actor = "b" } == [2])
        #expect(try numbers { $0.name = "authn_logout" } == [])
        #expect(try numbers { $0.before = 3 } == [2, 1])
        let third = fixture.clock.now() - .seconds(1)
        #expect(try numbers { $0.since = third } == [4, 3])
    }
}

extension TemporaryDatabase {
    fileprivate func append(_ subjects: String...) throws {
        for subject in subjects {
            let event = AuditEvent(
                name: .loggedIn, at: clock.advance(.seconds(1)), actor: subject, subject: subject,
                address: "192.0.2.1", detail: "")
            try database.write { try $0.append(event) }
        }
    }

    func verify() throws -> (outcome: AuditChain.Verifier.LinkStatus, count: Int) {
        var verifier = AuditChain.Verifier()
        for record in try database.read({ try $0.auditEvents(after: 0, limit: 1_000) }) {
            let outcome = verifier.verify(record)
            guard outcome == .intact else { return (outcome, verifier.count) }
        }
        return (.intact, verifier.count)
    }
}
