import Domain
import Store
import Support
import Testing

@Suite("Reset requests in the store")
struct ResetStoreTests {
    private let fixture: TemporaryDatabase
    private let account: Int64
    private let other: Int64

    init() throws {
        let fixture = try TemporaryDatabase()
        func insert(_ name: String) throws -> Int64 {
            let now = fixture.clock.now()
            let new = NewAccount(
                userID: try #require(UserID(name)), userType: "penyedia",
                email: try #require(EmailAddress("\(name)@example.org")), language: .indonesian, passwordHash: nil)
            return try fixture.database.write { try $0.insert(new, at: now) }
        }
        account = try insert("budi")
        other = try insert("siti")
        self.fixture = fixture
    }

    private func request(_ id: String, job: Int64, account: Int64? = nil) -> ResetRequest {
        let now = fixture.clock.now()
        return ResetRequest(
            id: id, account: account ?? self.account, generation: 0, job: job, state: .open, requestedAt: now,
            expiresAt: now + .minutes(30), address: "192.0.2.7")
    }

    private func open(_ request: ResetRequest) throws {
        let now = fixture.clock.now()
        try fixture.database.write { try $0.open(request, at: now) }
    }

    private func state(_ id: String) throws -> ResetRequest.State? {
        try fixture.database.read { try $0.resetRequest(id: id)?.state }
    }

    @Test("An opened request is read back whole, by id and by job")
    func open() throws {
        let request = request("a", job: 1)
        try open(request)
        #expect(try fixture.database.read { try $0.resetRequest(id: "a") } == request)
        #expect(try fixture.database.read { try $0.resetRequest(job: 1) } == request)
        #expect(try fixture.database.read { try $0.resetRequest(job: 2) } == nil)
    }

    @Test("A newer request supersedes the account's open one, and nobody else's")
    func supersedes() throws {
        try open(request("a", job: 1))
        try open(request("foreign", job: 2, account: other))
        try open(request("b", job: 3))
        #expect(try [state("a"), state("foreign"), state("b")] == [.superseded, .open, .open])
    }

    @Test("A job has one request, whatever goes wrong")
    func onePerJob() throws {
        try open(request("a", job: 1))
        #expect(throws: StoreError.self) { try open(request("b", job: 1, account: other)) }
    }

    @Test("An open request is spent once, and not after its end")
    func spend() throws {
        try open(request("a", job: 1))
        let now = fixture.clock.now()
        #expect(try !fixture.database.write { try $0.spend(request: "a", at: now + .minutes(30)) })
        #expect(try fixture.database.write { try $0.spend(request: "a", at: now + .minutes(30) - .milliseconds(1)) })
        #expect(try !fixture.database.write { try $0.spend(request: "a", at: now) })
        #expect(try !fixture.database.write { try $0.cancel(request: "a", at: now) })
        #expect(try state("a") == .used)
    }

    @Test("An open request is cancelled once")
    func cancel() throws {
        try open(request("a", job: 1))
        let now = fixture.clock.now()
        #expect(try fixture.database.write { try $0.cancel(request: "a", at: now) })
        #expect(try !fixture.database.write { try $0.cancel(request: "a", at: now) })
        #expect(try !fixture.database.write { try $0.spend(request: "a", at: now) })
        #expect(try state("a") == .cancelled)
    }

    @Test("Requests are counted by account and since when they were opened, the limit included")
    func count() throws {
        let start = fixture.clock.now()
        for job in 1...3 {
            try open(request("r\(job)", job: Int64(job)))
            fixture.clock.advance(.minutes(10))
        }
        try open(request("foreign", job: 9, account: other))
        let database = fixture.database
        #expect(try database.read { try $0.resetRequests(account: account, since: start) } == 3)
        #expect(try database.read { try $0.resetRequests(account: account, since: start + .minutes(10)) } == 2)
        #expect(try database.read { try $0.resetRequests(account: account, since: start + .minutes(21)) } == 0)
    }

    @Test("A captcha is spent once")
    func captcha() throws {
        let now = fixture.clock.now()
        #expect(try fixture.database.write { try $0.spendCaptcha("c", until: now) })
        #expect(try !fixture.database.write { try $0.spendCaptcha("c", until: now) })
        #expect(try fixture.database.write { try $0.spendCaptcha("d", until: now) })
    }

    @Test("One of many that spend one captcha at once succeeds")
    func captchaRace() throws {
        let (database, now) = (fixture.database, fixture.clock.now())
        let winners = try inParallel(32) { _ in try database.write { try $0.spendCaptcha("c", until: now) } }
        #expect(winners.filter { $0 }.count == 1)
    }

    @Test("Arrivals are counted by address and time")
    func arrivals() throws {
        let now = fixture.clock.now()
        try fixture.database.write { transaction in
            try transaction.recordRateLimitHit(from: "192.0.2.1", at: now)
            try transaction.recordRateLimitHit(from: "192.0.2.1", at: now + .minutes(1))
            try transaction.recordRateLimitHit(from: "2001:db8::/64", at: now)
        }
        let database = fixture.database
        #expect(try database.read { try $0.rateLimitHits(from: "192.0.2.1", since: now) } == 2)
        #expect(try database.read { try $0.rateLimitHits(from: "192.0.2.1", since: now + .seconds(1)) } == 1)
        #expect(try database.read { try $0.rateLimitHits(from: "192.0.2.2", since: now) } == 0)
    }

    @Test("Text comes back byte for byte: NUL, emoji, and both spellings of one letter")
    func bytes() throws {
        let now = fixture.clock.now()
        for address in ["a\u{0}b", "🙂", "e\u{301}", "\u{e9}", "", "\r\n", "x'); DROP TABLE job; --"] {
            try fixture.database.write { try $0.recordRateLimitHit(from: address, at: now) }
            #expect(try fixture.database.read { try $0.rateLimitHits(from: address, since: now) } == 1)
        }
    }
}
