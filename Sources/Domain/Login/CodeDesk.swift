package import Cryptography

/// Checks codes of authenticators, in the caller's transaction: the check, the count of failures and the step that is
/// spent are one change, so that of many posts of one code exactly one wins.
package struct CodeDesk: Sendable {
    package enum Outcome: Sendable, Equatable {
        /// - activated: this was the first valid code of a pending secret.
        case accepted(activated: Bool, secondsAhead: Int)
        case refused(Refusal)
    }

    package enum Refusal: Sendable, Equatable {
        /// Not as many digits as a code has; nothing was computed and nothing counted.
        case malformed(digits: Int)
        case wrong
        /// The code of a moment that is past: the phone's clock is this many seconds slow.
        case clockBehind(seconds: Int)
        /// Used before; the next code comes in this many seconds.
        case replayed(secondsToNext: Int)
        case wait(until: Instant)
        /// Too many wrong codes in a row: only a reset helps.
        case stopped
        /// There is no secret, or it cannot be opened: nobody gets in.
        case unavailable
    }

    private let sealer: any Sealing

    package init(sealer: any Sealing) { self.sealer = sealer }

    package func check(
        _ code: String, of account: Account, in store: any Writing, at now: Instant, from address: String
    ) throws -> Outcome {
        guard let credentials = try store.credentials(account: account.id), credentials.sealedSecret != nil else {
            return .refused(.unavailable)
        }
        guard let secret = secret(credentials, of: account) else {
            try store.append(AuditEvent(.secretUnreadable, of: account, at: now, from: address))
            return .refused(.unavailable)
        }
        let parameters = credentials.parameters
        let key = FailureKey.code(account.id)
        switch Throttle.standing(try store.failures(key), of: .code, at: now) {
        case .free: break
        case .wait(let until): return .refused(.wait(until: until))
        case .stopped: return .refused(.stopped)
        }
        let verdict = TOTP.verify(
            code: code, secret: secret, parameters: parameters, at: now.milliseconds,
            lastAcceptedStep: credentials.lastStep, drift: credentials.drift)
        switch verdict {
        case .malformed: return .refused(.malformed(digits: parameters.digits))
        case .accepted(let step, let drift):
            guard
                try store.acceptStep(account: account.id, generation: account.generation, step: step, drift: drift)
            else { return try refuseReplay(of: account, parameters, in: store, at: now, from: address) }
            try store.clearFailures(key)
            let isActivation = account.totp == .pending
            if isActivation { try tellOfActivation(account, in: store, at: now, from: address) }
            return .accepted(activated: isActivation, secondsAhead: drift * parameters.period)
        case .replayed: return try refuseReplay(of: account, parameters, in: store, at: now, from: address)
        case .wrong: return try refuse(.wrong, account, key, in: store, at: now, from: address)
        case .nearMiss(let steps):
            let refusal: Refusal =
                verdict.mayTellClockIsOff ? .clockBehind(seconds: -steps * parameters.period) : .wrong
            return try refuse(refusal, account, key, in: store, at: now, from: address)
        }
    }

    /// The secret of an account, for checking codes and for the QR code of a pending one; nil when it has none or the
    /// seal does not open, which is told to nobody but operators.
    package func secret(_ credentials: Credentials, of account: Account) -> TOTPSecret? {
        guard let sealed = credentials.sealedSecret else { return nil }
        let context = SecretSeal.context(account: account.id, generation: account.generation)
        guard let bytes = try? sealer.open(sealed, context: context) else { return nil }
        return TOTPSecret(bytes: bytes)
    }

    private func refuse(
        _ refusal: Refusal, _ account: Account, _ key: FailureKey, in store: any Writing, at now: Instant,
        from address: String
    ) throws -> Outcome {
        let failures = try store.recordFailure(key, at: now, forgetBefore: nil)
        try store.append(AuditEvent(.loginFailed, of: account, at: now, from: address, "code"))
        if failures.count == Throttle.noticed {
            try store.enqueue(
                NoticePayload(account: account.id, at: now, address: address).job(for: .failures, at: now))
        }
        if failures.count == Throttle.mostCodes {
            try store.append(AuditEvent(.loginStopped, of: account, at: now, from: address, "code"))
        }
        guard case .wait(let until) = Throttle.standing(failures, of: .code, at: now) else {
            return .refused(failures.count >= Throttle.mostCodes ? .stopped : refusal)
        }
        return .refused(.wait(until: until))
    }

    private func refuseReplay(
        of account: Account, _ parameters: TOTPParameters, in store: any Writing, at now: Instant, from address: String
    ) throws -> Outcome {
        try store.append(AuditEvent(.codeReused, of: account, at: now, from: address))
        let period = Int64(parameters.period) * 1000
        let rest = period - now.milliseconds.flooredDivision(by: period).remainder
        return .refused(.replayed(secondsToNext: Int((rest + 999) / 1000)))
    }

    private func tellOfActivation(
        _ account: Account, in store: any Writing, at now: Instant, from address: String
    ) throws {
        try store.append(AuditEvent(.totpActivated, of: account, at: now, from: address))
        try store.enqueue(NoticePayload(account: account.id, at: now, address: address).job(for: .activation, at: now))
    }
}
