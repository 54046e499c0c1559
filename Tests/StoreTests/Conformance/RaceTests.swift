import Domain
import Store
import Support
import Testing
import Threading

/// What two must not both win, raced for by 200 transactions on three machines.
@Suite("Races between machines")
struct RaceTests {
    private static let racers = 200

    /// Three machines with one database, and somebody with an active secret and an open reset request.
    private final class Scene: Sendable {
        let temporary: TemporaryDatabase
        let machines: [Database]
        let account: Int64

        init(on engine: TestEngine) throws {
            let temporary = try TemporaryDatabase(on: engine)
            let now = temporary.clock.now()
            account = try temporary.database.write { transaction in
                let account = try transaction.insert(try RaceTests.person("budi"), at: now)
                try transaction.setSecret(
                    account: account, sealed: [1, 2, 3], isWeak: false, generation: 1, parameters: .standard,
                    state: .active)
                return account
            }
            self.temporary = temporary
            machines = [temporary.database, try temporary.another(), try temporary.another()]
        }

        deinit { for machine in machines.dropFirst() { machine.close() } }

        var now: Instant { temporary.clock.now() }

        /// Runs a transaction for each racer at once, on one machine after the other.
        /// - Returns: what they answered.
        /// - Throws: when one was not carried out: who loses a race is told so by an answer, not by a failure.
        func race<Answer: Sendable>(
            _ body: @escaping @Sendable (any WriteTransaction, _ racer: Int) throws -> Answer
        ) throws -> [Answer] { try outcomes(body).map { try $0.get() } }

        /// The same, with failures.
        func outcomes<Answer: Sendable>(
            _ body: @escaping @Sendable (any WriteTransaction, _ racer: Int) throws -> Answer
        ) throws -> [Result<Answer, any Error>] {
            try inParallel(RaceTests.racers) { [machines] racer in
                Result { try machines[racer % machines.count].write { try body($0, racer) } }
            }
        }
    }

    private static func person(_ userID: String) throws -> NewAccount {
        NewAccount(
            userID: try #require(UserID(userID)), userType: "penyedia",
            email: try #require(EmailAddress("budi@example.org")), language: .indonesian, passwordHash: nil)
    }

    private func request(_ id: String, _ scene: Scene) -> ResetRequest {
        ResetRequest(
            id: id, account: scene.account, generation: 1, job: Int64(id) ?? 0, state: .open, requestedAt: scene.now,
            expiresAt: scene.now + .minutes(30), address: nil)
    }

    @Test("Of all that confirm one link one takes effect", arguments: TestEngine.allCases)
    func confirmations(engine: TestEngine) throws {
        let scene = try Scene(on: engine)
        let (now, request) = (scene.now, request("1", scene))
        try scene.machines[0].write { try $0.open(request, at: now) }
        let account = scene.account
        let cleared = try scene.race { transaction, _ in
            guard try transaction.spend(request: "1", at: now) else { return false }
            return try transaction.clearSecret(account: account, generation: 1)
        }
        #expect(cleared.count { $0 } == 1)
        #expect(try scene.temporary.account(account).generation == 2)
    }

    @Test(
        "Of all that bring one code one is accepted, be it of the clock, of paper or of a picture",
        arguments: TestEngine.allCases)
    func codes(engine: TestEngine) throws {
        let scene = try Scene(on: engine)
        let (now, account) = (scene.now, scene.account)
        try scene.machines[1].write {
            try $0.replaceRecoveryCodes(account: account, digests: [[1], [2]], at: now)
        }
        let accepted = try scene.race { transaction, _ in
            [
                try transaction.acceptStep(account: account, generation: 1, step: TimeStep(7), drift: 0),
                try transaction.spendRecoveryCode(account: account, digest: [1], at: now),
                try transaction.spendCaptcha("c", until: now + .minutes(10)),
            ]
        }
        for code in 0..<3 { #expect(accepted.count { $0[code] } == 1) }
        #expect(try scene.machines[2].read { try $0.recoveryCodes(account: account) }?.remaining == 1)
    }

    @Test("A limit for an account holds whoever counts", arguments: TestEngine.allCases)
    func limits(engine: TestEngine) throws {
        let scene = try Scene(on: engine)
        let (now, account) = (scene.now, scene.account)
        let requests = (1...Self.racers).map { request("\($0)", scene) }
        let opened = try scene.race { transaction, racer in
            guard try transaction.resetRequests(account: account, since: now - .hours(1)) < 3 else { return false }
            try transaction.open(requests[racer], at: now)
            return true
        }
        #expect(opened.count { $0 } == 3)
        #expect(try scene.machines[0].read { try $0.resetRequests(account: account, since: now - .hours(1)) } == 3)
    }

    @Test("Of all that wrong answers count each is counted", arguments: TestEngine.allCases)
    func failures(engine: TestEngine) throws {
        let scene = try Scene(on: engine)
        let (now, key) = (scene.now, FailureKey.code(scene.account))
        let counts = try scene.race { transaction, _ in
            try transaction.recordFailure(key, at: now, forgetBefore: nil).count
        }
        #expect(Set(counts) == Set(1...Self.racers))
    }

    @Test("A User ID is given to one, however it is written", arguments: TestEngine.allCases)
    func userIDs(engine: TestEngine) throws {
        let scene = try Scene(on: engine)
        let now = scene.now
        let spellings = try ["sari", "Sari", "SARI", "sArI"].map(Self.person)
        let inserted = try scene.outcomes { try $0.insert(spellings[$1 % 4], at: now) }
        #expect(inserted.count { (try? $0.get()) != nil } == 1)
        for case .failure(let error) in inserted {
            #expect((error as? StoreError)?.sentence.hasPrefix("There is an account with User ID") == true, "\(error)")
        }
        // Programs of others are held to it too.
        let outside = try inParallel(8) { number in
            let spelling = ["citra", "Citra"][number % 2]
            return
                (try? scene.temporary.execute(
                    """
                    INSERT INTO account (user_id, user_type, email, language, created_at)
                    VALUES ('\(spelling)', 'penyedia', 'c@example.org', 'id', 0);
                    """)) != nil
        }
        #expect(outside.count { $0 } == 1)
    }

    @Test(
        "Who decides after the policy was switched has seen it, and the audit log is one chain",
        arguments: TestEngine.allCases)
    func policy(engine: TestEngine) throws {
        let scene = try Scene(on: engine)
        let now = scene.now
        func event(_ name: AuditEvent.Name, _ racer: Int) -> AuditEvent {
            AuditEvent(name: name, at: now, actor: "racer", subject: "\(racer)", address: nil, detail: "")
        }
        let switched = event(.policyChanged, Self.racers / 2)
        let loggedIn = (0..<Self.racers).map { event(.loggedIn, $0) }
        _ = try scene.race { transaction, racer in
            if racer == Self.racers / 2 {
                try transaction.addPolicyRule(
                    PolicyRule(scope: nil, requiresTOTP: true, from: now, madeAt: now), by: "racer")
                try transaction.append(switched)
            } else if try transaction.policyRules().isEmpty {
                try transaction.append(loggedIn[racer])
            }
        }
        let events = try scene.machines[2].read { try $0.auditEvents(after: 0, limit: 1_000) }
        #expect(events.map(\.number) == Array(1...Int64(events.count)))
        #expect(events.last?.name == AuditEvent.Name.policyChanged.rawValue)
        #expect(try scene.temporary.verify() == (.intact, events.count))
    }
}
