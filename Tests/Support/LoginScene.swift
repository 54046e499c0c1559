package import Cryptography
package import Domain
import Foundation
import Store
import Threading

/// Password hashes as cheap as they come, and a count of how often they were asked for.
package final class FastPasswordVerifier: PasswordVerifier {
    private let hasher = PasswordHasher(memoryKiB: 8, passes: 1)
    private let random: SeededRandom
    private let counts = Monitor((verifications: 0, isBusy: false))

    package init(random: SeededRandom = SeededRandom(99)) { self.random = random }

    package var verifications: Int { counts.withLock { $0.verifications } }

    /// From now on everyone is told that too many are waiting.
    package func becomeBusy(_ isBusy: Bool = true) { counts.withLock { $0.isBusy = isBusy } }

    package func hash(_ password: String) throws -> String { try hasher.hash(Array(password.utf8), random: random) }

    package func verify(_ password: [UInt8], against hash: String?) throws(PasswordVerifierBusy) -> Bool {
        let isBusy = counts.withLock { counts in
            counts.verifications += 1
            return counts.isBusy
        }
        if isBusy { throw PasswordVerifierBusy() }
        let isRight = hasher.verify(password, against: hash ?? hasher.decoy(random: random))
        return hash != nil && isRight
    }

    package func rehash(_ password: [UInt8], for hash: String) throws(PasswordVerifierBusy) -> String? {
        hasher.needsRehash(hash) ? try? hasher.hash(password, random: random) : nil
    }
}

/// A database with somebody in it who can log in, and all that a login is decided by.
package final class LoginScene: Sendable {
    package static let key = SecretKey(bytes: [UInt8](repeating: 9, count: 32))!
    package static let password = "kopi-tubruk-pagi"
    package static let limits = SessionLimits(idle: .minutes(30), total: .hours(12))

    package let fixture: TemporaryDatabase
    package let passwords = FastPasswordVerifier()
    package let random = SeededRandom(815)
    package let sealer: Sealer
    package let sessions: SessionService
    package let login: PasswordLogin
    package let codes: CodeVerification
    package let enrollment: Enrollment
    package let recovery: RecoveryCodes
    package let tickets = ClaimedIdentities(key: key)
    package let budi: Int64
    package let secret = TOTPSecret(bytes: [UInt8](1...20))!

    package var clock: FixedClock { fixture.clock }
    package var store: any Store { fixture.database }
    package var now: Instant { clock.now() }

    /// - Parameter standing: of Budi's TOTP.
    package init(
        on engine: TestEngine = .sqlite, clock: FixedClock = FixedClock(), state: TOTPState = .active,
        parameters: TOTPParameters = .standard
    ) throws {
        let fixture = try TemporaryDatabase(on: engine, clock: clock)
        self.fixture = fixture
        sealer = try Sealer(keys: ["seal": Self.key], current: "seal")
        sessions = SessionService(limits: Self.limits, random: random)
        login = PasswordLogin(passwords: passwords, sessions: sessions, key: Self.key)
        codes = CodeVerification(sealer: sealer)
        enrollment = Enrollment(sealer: sealer, issuer: "Pulih", parameters: parameters, random: random)
        recovery = RecoveryCodes(random: random)
        budi = try Self.insert("budi", hash: try passwords.hash(Self.password), into: fixture)
        if state != .none { try give(budi, secret, parameters: parameters, state: state) }
    }

    @discardableResult
    package static func insert(
        _ userID: String, hash: String?, type: String = "penyedia", into fixture: TemporaryDatabase
    ) throws -> Int64 {
        guard let id = UserID(userID), let email = EmailAddress("\(userID)@example.org") else {
            throw SupportFailure("\(userID) is no User ID")
        }
        let now = fixture.clock.now()
        let account = NewAccount(
            userID: id, userType: type, email: email, language: .indonesian, passwordHash: hash)
        return try fixture.database.write { try $0.insert(account, at: now) }
    }

    /// Gives an account a secret of the next generation.
    package func give(
        _ account: Int64, _ secret: TOTPSecret, parameters: TOTPParameters = .standard,
        state: TOTPState = .active
    ) throws {
        let (sealer, random) = (sealer, random)
        try store.write { transaction in
            let generation = (try transaction.account(id: account)?.generation ?? 0) + 1
            let sealed = try sealer.seal(
                secret.bytes, context: SealContext.context(account: account, generation: generation), random: random)
            try transaction.setSecret(
                account: account, sealed: sealed, isWeak: false, generation: generation, parameters: parameters,
                state: state)
        }
    }

    package func account(_ id: Int64? = nil) throws -> Account { try fixture.account(id ?? budi) }

    /// The code that Budi's phone shows, by a program that is not ours.
    /// - Parameter key: of the phone's entry; nil for the secret of the scene.
    package func code(
        of key: String? = nil, secondsOff: Int = 0, parameters: TOTPParameters = .standard
    ) throws -> String {
        let date = Date(timeIntervalSince1970: Double(now.milliseconds) / 1000 + Double(secondsOff))
        return try Oathtool.code(
            secretBase32: key ?? secret.base32, at: date, digits: parameters.digits, period: parameters.period,
            algorithm: parameters.algorithm.rawValue.uppercased())
    }

    package static func origin(_ address: String = "192.0.2.7") -> RequestOrigin {
        RequestOrigin(address: address, addressKey: address, browser: "test")
    }

    package func attempt(
        _ password: String = LoginScene.password, userID: String = "budi",
        types: [String] = ["penyedia", "non-penyedia"], from address: String = "192.0.2.7"
    ) throws -> PasswordLogin.Outcome {
        try login.attempt(
            Array(password.utf8), ticket: ClaimedIdentity(userID: userID, userTypes: types), in: store, at: now,
            from: Self.origin(address))
    }

    package func check(_ code: String, of id: Int64? = nil) throws -> CodeVerification.Outcome {
        let (codes, now, id) = (codes, now, id ?? budi)
        return try store.write { transaction in
            guard let account = try transaction.account(id: id) else { throw SupportFailure("no account") }
            return try codes.check(code, of: account, in: transaction, at: now, from: "192.0.2.7")
        }
    }

    package func notices(_ notice: Notice) throws -> Int {
        try store.read { try $0.jobs(JobFilter(state: .ready, kind: notice.rawValue), limit: 100).count }
    }

    /// What the audit log says happened, oldest first.
    package func events() throws -> [String] {
        try fixture.execute("SELECT name FROM audit_event ORDER BY id;").split(separator: "\n").map(String.init)
    }
}
