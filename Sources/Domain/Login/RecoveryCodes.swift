package import Cryptography

/// Ten codes on paper for the day the phone is gone. Each holds 80 random bits, so a plain digest of it can be stored
/// and no search finds the code behind it.
package struct RecoveryCodes: Sendable {
    /// What it needs of a transaction.
    package typealias Transaction = LoginWriter & AuditWriter & JobEnqueuer

    package static let count = 10
    private static let byteCount = 10
    /// Letters of a code: each stands for five bits.
    private static let length = byteCount * 8 / 5

    /// What an account has of them.
    package struct Status: Sendable, Equatable {
        package let remaining: Int
        package let madeAt: Instant

        package init(remaining: Int, madeAt: Instant) {
            self.remaining = remaining
            self.madeAt = madeAt
        }
    }

    package enum Outcome: Sendable, Equatable {
        case accepted(remaining: Int)
        case refused(RecoveryCodeRefusal)
    }

    package enum RecoveryCodeRefusal: Sendable, Equatable {
        case malformed
        /// Never made, or spent before.
        case wrong
        case wait(until: Instant)
    }

    private let random: any RandomSource

    package init(random: any RandomSource) { self.random = random }

    /// Makes ten new codes; the old ones are worth nothing from now on.
    /// - Returns: the codes as people read them, `abcd-efgh-ijkl-mnop`: the only time that anyone sees them.
    package func generate(
        for account: Account, in transaction: any Transaction, at now: Instant, from address: String,
        by actor: String? = nil
    ) throws -> [String] {
        let codes = (0..<Self.count).map { _ in random.bytes(Self.byteCount) }
        try transaction.replaceRecoveryCodes(
            account: account.id, digests: codes.map { Self.digest($0, account: account.id) }, at: now)
        try transaction.append(AuditEvent(.recoveryCodesMade, of: account, at: now, from: address, by: actor))
        return codes.map(Self.text)
    }

    /// Spends a code, and notifies the owner by mail.
    package func spend(
        _ typed: String, of account: Account, in transaction: any Transaction, at now: Instant,
        from address: String, by actor: String? = nil
    ) throws -> Outcome {
        let key = FailureKey.recovery(account.id)
        if case .wait(let until) = Throttle.decision(try transaction.failures(key), of: .recovery, at: now) {
            return .refused(.wait(until: until))
        }
        guard let bytes = Self.bytes(typed) else { return .refused(.malformed) }
        let digest = Self.digest(bytes, account: account.id)
        guard account.totp == .active, try transaction.spendRecoveryCode(account: account.id, digest: digest, at: now)
        else {
            let failures = try transaction.recordFailure(key, at: now, forgetBefore: nil)
            try transaction.append(
                AuditEvent(.loginFailed, of: account, at: now, from: address, by: actor, "recovery code"))
            guard case .wait(let until) = Throttle.decision(failures, of: .recovery, at: now) else {
                return .refused(.wrong)
            }
            return .refused(.wait(until: until))
        }
        try transaction.clearFailures(key)
        try transaction.clearFailures(.code(account.id))
        let remaining = try transaction.recoveryCodes(account: account.id)?.remaining ?? 0
        try transaction.append(
            AuditEvent(.recoveryCodeUsed, of: account, at: now, from: address, by: actor, "\(remaining) left")
                .publishing(.recoveryCodeUsed, of: account, ["remaining": "\(remaining)"]))
        let notice = NoticePayload(account: account.id, at: now, address: address, remaining: remaining)
        try transaction.enqueue(notice.job(for: .recovery, at: now))
        return .accepted(remaining: remaining)
    }

    /// Groups of four, in small letters.
    private static func text(_ bytes: [UInt8]) -> String {
        CodeGroups.joined(Base32.encode(bytes).lowercased())
    }

    /// Reads a code as people type it, with 0, 1 and 8 for the letters they are taken for. Nil when it cannot be one.
    private static func bytes(_ typed: String) -> [UInt8]? {
        guard let code = TypedCode.canonical(typed), code.utf8.count == length else { return nil }
        let letters = code.utf8.map { byte -> UInt8 in
            switch byte {
            case UInt8(ascii: "0"): UInt8(ascii: "O")
            case UInt8(ascii: "1"): UInt8(ascii: "I")
            case UInt8(ascii: "8"): UInt8(ascii: "B")
            default: byte
            }
        }
        return Base32.decode(String(decoding: letters, as: UTF8.self))
    }

    private static func digest(_ code: [UInt8], account: Int64) -> [UInt8] {
        Digest.sha256(Array("recovery-code:\(account):".utf8) + code)
    }
}
