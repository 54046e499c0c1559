package import Cryptography

/// Checks codes of authenticators, in the caller's transaction: the check, the count of failures and the step that is
/// spent are one change, so that of many posts of one code exactly one wins.
package struct CodeVerification: Sendable {
    /// What it needs of a transaction.
    package typealias Transaction = AccountWriter & LoginWriter & AuditWriter & JobEnqueuer

    package enum Outcome: Sendable, Equatable {
        /// - activated: this was the first valid code of a pending secret.
        case accepted(activated: Bool, secondsAhead: Int)
        case refused(CodeRefusal)
    }

    package enum CodeRefusal: Sendable, Equatable {
        /// Not as many digits as a code has; nothing was computed and nothing counted.
        case malformed(digits: Int)
        case wrong
        /// The code of a moment that is past: the phone's clock is this many seconds slow.
        case clockBehind(seconds: Int)
        /// Used before; the next code comes in this many seconds.
        case replayed(secondsToNext: Int)
        /// Older than the last code that was accepted.
        case outdated
        case wait(until: Instant)
        /// Too many wrong codes in a row: only a reset helps.
        case stopped
        /// There is no secret, or it cannot be opened: nobody gets in.
        case unavailable
    }

    private let sealer: any Sealing
    private let offset: @Sendable () -> TimeSpan

    /// - Parameter offset: by how much the clock that `now` is read from is ahead of this machine's. Codes go by the
    ///   machine's, as phones do by the true time; all that is stored goes by the clock that machines share.
    package init(sealer: any Sealing, offset: @escaping @Sendable () -> TimeSpan = { .seconds(0) }) {
        self.sealer = sealer
        self.offset = offset
    }

    /// - Parameter actor: who asks, where that is not the owner.
    package func check(
        _ code: String, of account: Account, in transaction: any Transaction, at now: Instant, from address: String,
        by actor: String? = nil
    ) throws -> Outcome {
        guard let credentials = try transaction.credentials(account: account.id), credentials.sealedSecret != nil else {
            return .refused(.unavailable)
        }
        guard let secret = secret(credentials, of: account) else {
            try transaction.append(AuditEvent(.secretUnreadable, of: account, at: now, from: address, by: actor))
            return .refused(.unavailable)
        }
        let parameters = credentials.parameters
        let key = FailureKey.code(account.id)
        switch Throttle.decision(try transaction.failures(key), of: .code, at: now) {
        case .allowed: break
        case .wait(let until): return .refused(.wait(until: until))
        case .stopped: return .refused(.stopped)
        }
        let verdict = TOTP.verify(
            code: TypedCode.canonical(code) ?? "", secret: secret, parameters: parameters,
            at: (now - offset()).milliseconds,
            lastAcceptedStep: credentials.lastStep, drift: credentials.drift)
        switch verdict {
        case .malformed: return .refused(.malformed(digits: parameters.digits))
        case .accepted(let step, let drift):
            guard
                try transaction.acceptStep(
                    account: account.id, generation: account.generation, step: step, drift: drift)
            else {
                return try refuseReplay(of: account, parameters, in: transaction, at: now, from: address, by: actor)
            }
            try transaction.clearFailures(key)
            let isActivation = account.totp == .pending
            if isActivation { try recordActivation(account, in: transaction, at: now, from: address, by: actor) }
            return .accepted(activated: isActivation, secondsAhead: drift * parameters.period)
        case .replayed:
            return try refuseReplay(of: account, parameters, in: transaction, at: now, from: address, by: actor)
        case .outdated:
            try transaction.append(
                AuditEvent(.loginFailed, of: account, at: now, from: address, by: actor, "outdated code"))
            return .refused(.outdated)
        case .wrong: return try refuse(.wrong, account, key, in: transaction, at: now, from: address, by: actor)
        case .nearMiss(let steps):
            let refusal: CodeRefusal =
                verdict.mayRevealClockError ? .clockBehind(seconds: -steps * parameters.period) : .wrong
            return try refuse(refusal, account, key, in: transaction, at: now, from: address, by: actor)
        }
    }

    /// The secret of an account, for checking codes and for the QR code of a pending one; nil when it has none or the
    /// seal does not open, which only operators learn.
    package func secret(_ credentials: Credentials, of account: Account) -> TOTPSecret? {
        guard let sealed = credentials.sealedSecret else { return nil }
        let context = SealContext.context(account: account.id, generation: account.generation)
        guard let bytes = try? sealer.open(sealed, context: context) else { return nil }
        return TOTPSecret(bytes: bytes)
    }

    private func refuse(
        _ refusal: CodeRefusal, _ account: Account, _ key: FailureKey, in transaction: any Transaction,
        at now: Instant, from address: String, by actor: String?
    ) throws -> Outcome {
        let failures = try transaction.recordFailure(key, at: now, forgetBefore: nil)
        try transaction.append(AuditEvent(.loginFailed, of: account, at: now, from: address, by: actor, "code"))
        if failures.count == Throttle.noticeThreshold {
            try transaction.enqueue(
                NoticePayload(account: account.id, at: now, address: address).job(for: .failures, at: now))
        }
        if failures.count == Throttle.maximumCodes {
            try transaction.append(
                AuditEvent(.loginStopped, of: account, at: now, from: address, by: actor, "code")
                    .publishing(.codeLimitReached, of: account))
        }
        guard case .wait(let until) = Throttle.decision(failures, of: .code, at: now) else {
            return .refused(failures.count >= Throttle.maximumCodes ? .stopped : refusal)
        }
        return .refused(.wait(until: until))
    }

    private func refuseReplay(
        of account: Account, _ parameters: TOTPParameters, in transaction: any Transaction, at now: Instant,
        from address: String, by actor: String?
    ) throws -> Outcome {
        try transaction.append(AuditEvent(.codeReused, of: account, at: now, from: address, by: actor))
        let period = Int64(parameters.period) * 1000
        let rest = period - (now - offset()).milliseconds.flooredDivision(by: period).remainder
        return .refused(.replayed(secondsToNext: Int((rest + 999) / 1000)))
    }

    private func recordActivation(
        _ account: Account, in transaction: any Transaction, at now: Instant, from address: String, by actor: String?
    ) throws {
        try transaction.append(
            AuditEvent(.totpActivated, of: account, at: now, from: address, by: actor)
                .publishing(.totpActivated, of: account))
        try transaction.enqueue(
            NoticePayload(account: account.id, at: now, address: address).job(for: .activation, at: now))
    }
}
