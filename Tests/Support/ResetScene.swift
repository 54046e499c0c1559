package import Cryptography
package import Domain
import Foundation
import Store

/// A database with somebody in it who may reset, and all that a reset is decided by.
package final class ResetScene: Sendable {
    package static let key = SecretKey(bytes: [UInt8](repeating: 7, count: 32))!
    package static let linkLifetime = TimeSpan.minutes(30)
    package static let perAccountPerHour = 3
    package static let captchaAlphabet = "36ACEJKNPRTWXY"

    package let fixture: TemporaryDatabase
    package let captchas = CaptchaService(key: key, alphabet: captchaAlphabet)
    package let links = ResetLinks(key: key)
    package let desk = ResetConfirmation(links: ResetLinks(key: key))
    package let random = SeededRandom(4711)
    package let budi: Int64

    package var clock: FixedClock { fixture.clock }
    package var store: any Store { fixture.database }
    package var admission: ResetRequestValidation {
        ResetRequestValidation(
            captchas: captchas, linkLifetime: Self.linkLifetime, perAccountPerHour: Self.perAccountPerHour)
    }

    package convenience init(clock: FixedClock = FixedClock(), on engine: TestEngine = .sqlite) throws {
        try self.init(in: engine.makeFixture(), clock: clock)
    }

    /// In a database at a place that the test has a hand on.
    package init(in place: any EngineFixture, clock: FixedClock = FixedClock()) throws {
        let fixture = try TemporaryDatabase(in: place, clock: clock)
        self.fixture = fixture
        budi = try Self.insert("budi", into: fixture)
        try Self.activate(budi, in: fixture)
    }

    /// Adds an account with TOTP off.
    package static func insert(
        _ userID: String, language: Language = .indonesian, into fixture: TemporaryDatabase
    ) throws -> Int64 {
        guard let id = UserID(userID), let email = EmailAddress("\(userID)@example.org") else {
            throw SupportFailure("\(userID) is no User ID")
        }
        let now = fixture.clock.now()
        let account = NewAccount(
            userID: id, userType: "penyedia", email: email, language: language, passwordHash: nil)
        return try fixture.database.write { try $0.insert(account, at: now) }
    }

    /// Gives an account a secret of the next generation.
    package static func activate(_ account: Int64, in fixture: TemporaryDatabase) throws {
        try fixture.database.write { transaction in
            let generation = try transaction.account(id: account)?.generation ?? 0
            try transaction.setSecret(
                account: account, sealed: [1, 2, 3], isWeak: false, generation: generation + 1, parameters: .standard,
                state: .active)
        }
    }

    /// Another account like Budi's.
    package func newcomer(_ userID: String, language: Language = .indonesian) throws -> Int64 {
        let id = try Self.insert(userID, language: language, into: fixture)
        try Self.activate(id, in: fixture)
        return id
    }

    package func account(_ id: Int64? = nil) throws -> Account { try fixture.account(id ?? budi) }

    /// What the form would send for an account, everything right, with a captcha made now.
    package func payload(
        _ userID: String = "budi", email: String? = nil, userType: String = "penyedia", captcha: String? = nil,
        answer: String? = nil
    ) -> ResetPayload {
        let challenge = captchas.challenge(at: clock.now(), random: random)
        return ResetPayload(
            userID: userID, email: email ?? "\(userID)@example.org", userType: userType,
            captcha: captcha ?? challenge.id, securityCode: answer ?? challenge.code, address: "192.0.2.7",
            requestID: "abc")
    }

    /// Queues a request as the portal does.
    @discardableResult
    package func request(_ payload: ResetPayload) throws -> Int64 {
        let job = try NewJob(.resetRequest, payload: payload, at: clock.now())
        return try store.write { try $0.enqueue(job) }
    }

    /// Queues any text as a job, as an outside program might.
    @discardableResult
    package func enqueue(_ kind: String, _ payload: String) throws -> Int64 {
        let job = NewJob(kind: kind, payload: payload, createdAt: clock.now())
        return try store.write { try $0.enqueue(job) }
    }

    package func job(_ id: Int64) throws -> Job {
        guard let job = try store.read({ try $0.job(id: id) }) else { throw SupportFailure("there is no job \(id)") }
        return job
    }

    /// Claims the oldest ready reset request and lets the admission decide on it.
    package func decide() throws -> ResetRequestValidation.Decision {
        let (now, admission, random) = (clock.now(), admission, random)
        return try store.write { transaction in
            var job: Job?
            repeat {
                job = try transaction.claim(limit: 1, at: now, leaseUntil: now + .seconds(30), worker: "test").first
            } while job.map { $0.kind != JobKind.resetRequest.rawValue } ?? false
            guard let job else { throw SupportFailure("there is no ready request") }
            return try admission.validate([job], in: transaction, at: now, random: random)[0]
        }
    }

    /// Claims so many ready reset requests at once, and lets the admission decide on all of them together.
    package func decide(_ count: Int) throws -> [ResetRequestValidation.Decision] {
        let (now, admission, random) = (clock.now(), admission, random)
        return try store.write { transaction in
            let jobs = try transaction.claim(limit: count, at: now, leaseUntil: now + .seconds(30), worker: "test")
            guard jobs.count == count else { throw SupportFailure("\(jobs.count) requests are ready") }
            return try admission.validate(jobs, in: transaction, at: now, random: random)
        }
    }

    /// A request that was admitted: its link is live.
    package func openRequest(_ userID: String = "budi") throws -> ResetRequest {
        try request(payload(userID))
        guard case .open(let request, _, _) = try decide() else { throw SupportFailure("the request was not admitted") }
        return request
    }

    package func linkStatus(_ token: String) throws -> ResetConfirmation.LinkStatus {
        let (desk, now) = (desk, clock.now())
        return try store.read { try desk.status(of: token, in: $0, at: now) }
    }

    package func confirm(_ token: String) throws -> ResetConfirmation.LinkStatus {
        let (desk, now) = (desk, clock.now())
        return try store.write { try desk.confirm(token, in: $0, at: now, from: "192.0.2.9") }
    }

    package func cancel(_ token: String) throws -> ResetConfirmation.LinkStatus {
        let (desk, now) = (desk, clock.now())
        return try store.write { try desk.cancel(token, in: $0, at: now, from: "192.0.2.9") }
    }
}
