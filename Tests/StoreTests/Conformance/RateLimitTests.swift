import Domain
import Store
import Support
import Testing

@Suite("Captchas and arrivals in the store")
struct RateLimitTests {
    @Test("A captcha is spent once", arguments: TestEngine.allCases)
    func captcha(engine: TestEngine) throws {
        let fixture = try TemporaryDatabase(on: engine)
        let now = fixture.clock.now()
        #expect(try fixture.database.write { try $0.spendCaptcha("c", until: now) })
        #expect(try !fixture.database.write { try $0.spendCaptcha("c", until: now) })
        #expect(try fixture.database.write { try $0.spendCaptcha("d", until: now) })
    }

    @Test("One of many that spend one captcha at once succeeds", arguments: TestEngine.allCases)
    func captchaRace(engine: TestEngine) throws {
        let fixture = try TemporaryDatabase(on: engine)
        let (database, now) = (fixture.database, fixture.clock.now())
        let winners = try inParallel(32) { _ in try database.write { try $0.spendCaptcha("c", until: now) } }
        #expect(winners.filter { $0 }.count == 1)
    }

    @Test("Arrivals are counted by address and time", arguments: TestEngine.allCases)
    func arrivals(engine: TestEngine) throws {
        let fixture = try TemporaryDatabase(on: engine)
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

    @Test("Text comes back byte for byte: emoji, and both spellings of one letter", arguments: TestEngine.allCases)
    func bytes(engine: TestEngine) throws {
        let fixture = try TemporaryDatabase(on: engine)
        let now = fixture.clock.now()
        for address in ["🙂", "e\u{301}", "\u{e9}", "", "\r\n", "x'); DROP TABLE job; --"] {
            try fixture.database.write { try $0.recordRateLimitHit(from: address, at: now) }
            #expect(try fixture.database.read { try $0.rateLimitHits(from: address, since: now) } == 1)
        }
    }
}
