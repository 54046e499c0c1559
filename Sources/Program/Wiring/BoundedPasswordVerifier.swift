import Cryptography
import Domain
import Threading

/// Password hashes by argon2id, so many at once as there are cores: each takes 19 MiB and a core, and a flood of logins
/// must leave both to everyone else.
///
/// A few more may wait, no longer than somebody in front of a page would; never so many that all workers of the server
/// stand in line.
final class BoundedPasswordVerifier: PasswordVerifier {
    private struct WaitQueue: Sendable {
        var running = 0
        var waiting = 0
    }

    private static let maxWait = Duration.seconds(2)

    private let hasher: PasswordHasher
    private let random: any RandomSource
    private let maxConcurrent: Int
    private let maxWaiting: Int
    private let queue = Monitor(WaitQueue())
    /// What a password is held against where there is no account.
    private let decoyHash: String

    /// - Parameters:
    ///   - atOnce: hashes computed at the same time.
    ///   - mostWaiting: callers that may wait for their turn; the next one is refused as busy.
    init(hasher: PasswordHasher, random: any RandomSource, maxConcurrent: Int, maxWaiting: Int) {
        self.hasher = hasher
        self.random = random
        self.maxConcurrent = maxConcurrent
        self.maxWaiting = maxWaiting
        decoyHash = hasher.decoy(random: random)
    }

    func verify(_ password: [UInt8], against hash: String?) throws(PasswordVerifierBusy) -> Bool {
        try acquireSlot()
        defer { releaseSlot() }
        let isRight = hasher.verify(password, against: hash ?? decoyHash)
        return hash != nil && isRight
    }

    func rehash(_ password: [UInt8], for hash: String) throws(PasswordVerifierBusy) -> String? {
        guard hasher.needsRehash(hash) else { return nil }
        try acquireSlot()
        defer { releaseSlot() }
        return try? hasher.hash(password, random: random)
    }

    private func acquireSlot() throws(PasswordVerifierBusy) {
        let (maxConcurrent, maxWaiting) = (maxConcurrent, maxWaiting)
        let isAdmitted = queue.withLock { queue in
            guard queue.running + queue.waiting < maxConcurrent + maxWaiting else { return false }
            queue.waiting += 1
            return true
        }
        guard isAdmitted else { throw PasswordVerifierBusy() }
        let isFree: Bool? = queue.wait(timeout: Self.maxWait) { queue in
            guard queue.running < maxConcurrent else { return nil }
            queue.running += 1
            queue.waiting -= 1
            return true
        }
        guard isFree == true else {
            queue.withLock { $0.waiting -= 1 }
            throw PasswordVerifierBusy()
        }
    }

    private func releaseSlot() { queue.withLock { $0.running -= 1 } }
}
