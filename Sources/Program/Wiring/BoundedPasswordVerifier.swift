import Cryptography
import Domain
import Threading

/// Password hashes by argon2id, so many at once as there are cores: each takes 19 MiB and a core, and a flood of logins
/// must leave both to everyone else.
///
/// A few more may wait, no longer than somebody in front of a page would; never so many that all threads of the server
/// stand in line.
final class BoundedPasswordVerifier: PasswordVerifier {
    private struct Line: Sendable {
        var running = 0
        var waiting = 0
    }

    private static let patience = Duration.seconds(2)

    private let hasher: PasswordHasher
    private let random: any RandomSource
    private let atOnce: Int
    private let mostWaiting: Int
    private let line = Monitor(Line())
    /// What a password is held against where there is no account.
    private let decoy: String

    /// - Parameters:
    ///   - atOnce: hashes computed at the same time.
    ///   - mostWaiting: callers that may wait for their turn; the next one is told that the machine is busy.
    init(hasher: PasswordHasher, random: any RandomSource, atOnce: Int, mostWaiting: Int) {
        self.hasher = hasher
        self.random = random
        self.atOnce = atOnce
        self.mostWaiting = mostWaiting
        decoy = hasher.decoy(random: random)
    }

    func verify(_ password: [UInt8], against hash: String?) throws(PasswordVerifierBusy) -> Bool {
        try enter()
        defer { leave() }
        let isRight = hasher.verify(password, against: hash ?? decoy)
        return hash != nil && isRight
    }

    func rehash(_ password: [UInt8], for hash: String) throws(PasswordVerifierBusy) -> String? {
        guard hasher.needsRehash(hash) else { return nil }
        try enter()
        defer { leave() }
        return try? hasher.hash(password, random: random)
    }

    private func enter() throws(PasswordVerifierBusy) {
        let (atOnce, mostWaiting) = (atOnce, mostWaiting)
        let isAdmitted = line.withLock { line in
            guard line.running + line.waiting < atOnce + mostWaiting else { return false }
            line.waiting += 1
            return true
        }
        guard isAdmitted else { throw PasswordVerifierBusy() }
        let turn: Bool? = line.wait(timeout: Self.patience) { line in
            guard line.running < atOnce else { return nil }
            line.running += 1
            line.waiting -= 1
            return true
        }
        guard turn == true else {
            line.withLock { $0.waiting -= 1 }
            throw PasswordVerifierBusy()
        }
    }

    private func leave() { line.withLock { $0.running -= 1 } }
}
