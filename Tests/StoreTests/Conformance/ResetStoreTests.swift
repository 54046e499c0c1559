import Domain
import Store
import Support
import Testing

@Suite("Reset requests in the store")
struct ResetStoreTests {
    /// Two people who have an account.
    private struct Fixture {
        private let temporary: TemporaryDatabase
        let account: Int64
        let other: Int64

        init(on engine: TestEngine) throws {
            let temporary = try TemporaryDatabase(on: engine)
            func insert(_ name: String) throws -> Int64 {
                let now = temporary.clock.now()
                let new = NewAccount(
                    userID: try #require(UserID(name)), userType: "penyedia",
                    email: try #require(EmailAddress("\(name)@example.org")), language: .indonesian, passwordHash: nil)
                return try temporary.database.write { try $0.insert(new, at: now) }
            }
            account = try insert("budi")
            other = try insert("siti")
            self.temporary = temporary
        }

        var clock: FixedClock { temporary.clock }
        var database: Database { temporary.database }

        func request(_ id: String, job: Int64, account: Int64? = nil) -> ResetRequest {
            let now = clock.now()
            return ResetRequest(
                id: id, account: account ?? self.account, generation: 0, job: job, state: .open, requestedAt: now,
                expiresAt: now + .minutes(30), address: "192.0.2.7")
        }

        func open(_ request: ResetRequest) throws {
            let now = clock.now()
            try database.write { try $0.open(request, at: now) }
        }

        func state(_ id: String) throws -> ResetRequest.State? {
            try database.read { try $0.resetRequest(id: id)?.state }
        }
    }

    @Test("An opened request is read back whole, by id and by job", arguments: TestEngine.allCases)
    func open(engine: TestEngine) throws {
        let fixture = try Fixture(on: engine)
        let request = fixture.request("a", job: 1)
        try fixture.open(request)
        #expect(try fixture.database.read { try $0.resetRequest(id: "a") } == request)
        #expect(try fixture.database.read { try $0.resetRequest(job: 1) } == request)
        #expect(try fixture.database.read { try $0.resetRequest(job: 2) } == nil)
    }

    @Test("A newer request supersedes the account's open one, and nobody else's", arguments: TestEngine.allCases)
    func supersedes(engine: TestEngine) throws {
        let fixture = try Fixture(on: engine)
        try fixture.open(fixture.request("a", job: 1))
        try fixture.open(fixture.request("foreign", job: 2, account: fixture.other))
        try fixture.open(fixture.request("b", job: 3))
        #expect(try [fixture.state("a"), fixture.state("foreign"), fixture.state("b")] == [.superseded, .open, .open])
    }

    @Test("A job has one request, whatever goes wrong", arguments: TestEngine.allCases)
    func onePerJob(engine: TestEngine) throws {
        let fixture = try Fixture(on: engine)
        try fixture.open(fixture.request("a", job: 1))
        #expect(throws: StoreError.self) { try fixture.open(fixture.request("b", job: 1, account: fixture.other)) }
    }

    @Test("An open request is spent once, and not after its end", arguments: TestEngine.allCases)
    func spend(engine: TestEngine) throws {
        let fixture = try Fixture(on: engine)
        try fixture.open(fixture.request("a", job: 1))
        let now = fixture.clock.now()
        #expect(try !fixture.database.write { try $0.spend(request: "a", at: now + .minutes(30)) })
        #expect(try fixture.database.write { try $0.spend(request: "a", at: now + .minutes(30) - .milliseconds(1)) })
        #expect(try !fixture.database.write { try $0.spend(request: "a", at: now) })
        #expect(try !fixture.database.write { try $0.cancel(request: "a", at: now) })
        #expect(try fixture.state("a") == .used)
    }

    @Test("An open request is cancelled once", arguments: TestEngine.allCases)
    func cancel(engine: TestEngine) throws {
        let fixture = try Fixture(on: engine)
        try fixture.open(fixture.request("a", job: 1))
        let now = fixture.clock.now()
        #expect(try fixture.database.write { try $0.cancel(request: "a", at: now) })
        #expect(try !fixture.database.write { try $0.cancel(request: "a", at: now) })
        #expect(try !fixture.database.write { try $0.spend(request: "a", at: now) })
        #expect(try fixture.state("a") == .cancelled)
    }

    @Test(
        "Requests are counted by account and since when they were opened, the limit included",
        arguments: TestEngine.allCases)
    func count(engine: TestEngine) throws {
        let fixture = try Fixture(on: engine)
        let start = fixture.clock.now()
        for job in 1...3 {
            try fixture.open(fixture.request("r\(job)", job: Int64(job)))
            fixture.clock.advance(.minutes(10))
        }
        try fixture.open(fixture.request("foreign", job: 9, account: fixture.other))
        let database = fixture.database
        #expect(try database.read { try $0.resetRequests(account: fixture.account, since: start) } == 3)
        #expect(try database.read { try $0.resetRequests(account: fixture.account, since: start + .minutes(10)) } == 2)
        #expect(try database.read { try $0.resetRequests(account: fixture.account, since: start + .minutes(21)) } == 0)
    }
}
