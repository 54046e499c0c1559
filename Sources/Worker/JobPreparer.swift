package import Cryptography
package import Domain

/// Validates a claimed job and prepares its mail, or settles it. Runs inside the transaction that claimed it.
package struct JobPreparer: Sendable {
    /// What it needs of a transaction.
    package typealias Transaction = ResetRequestValidation.Transaction & JobReader & BounceWriter

    enum PreparationResult: Sendable {
        case send(DeliveryTask)
        case settle(Settlement)
    }

    private let validation: ResetRequestValidation
    private let composer: MailComposer
    private let linkLifetime: TimeSpan
    private let language: Language
    private let random: any RandomSource
    private let returnAddresses: ReturnAddresses?

    /// Bytes of payload from which on nobody tries to understand it: a thousand times what ours hold.
    private static let longestPayload = 262_144

    /// - Parameters:
    ///   - language: of mails that belong to no account.
    ///   - returnAddresses: of mails, one for each job; nil where all have the sender's.
    package init(
        validation: ResetRequestValidation, composer: MailComposer, linkLifetime: TimeSpan, language: Language,
        random: any RandomSource, returnAddresses: ReturnAddresses? = nil
    ) {
        self.validation = validation
        self.composer = composer
        self.linkLifetime = linkLifetime
        self.language = language
        self.random = random
        self.returnAddresses = returnAddresses
    }

    func prepare(_ job: Job, in transaction: any Transaction, at now: Instant) throws -> PreparationResult {
        let result = try validate(job, in: transaction, at: now)
        guard case .send(var task) = result, let returnAddresses else { return result }
        let address = returnAddresses.address(for: job)
        // Before the mail goes out: a relay may send it back before the claim is settled.
        try transaction.setReturnDigest(job: job.id, address.digest)
        task.returnAddress = address.text
        return .send(task)
    }

    private func validate(_ job: Job, in transaction: any Transaction, at now: Instant) throws -> PreparationResult {
        guard let kind = JobKind(rawValue: job.kind) else {
            return .settle(.dead(outcome: .malformed, reason: "unknown kind; known are \(Self.kinds)"))
        }
        guard (job.payload?.utf8.count ?? 0) <= Self.longestPayload else { return malformed("the payload is too long") }
        let expiry = job.createdAt + kind.lifetime(linkLifetime: linkLifetime)
        guard now < expiry else {
            return .settle(.dead(outcome: .expired, reason: "its time ran out before it could be sent"))
        }
        let (isSuspect, preference) = try experience(of: job, in: transaction)
        func task(expiry: Instant = expiry, mail: @escaping @Sendable () -> TemplatedMail) -> PreparationResult {
            .send(
                DeliveryTask(
                    job: job, kind: kind, expiry: expiry, isSuspect: isSuspect, preference: preference, mail: mail))
        }
        switch kind {
        case .resetRequest:
            switch try validation.validate(job, in: transaction, at: now, random: random) {
            case .open(let request, let account, let language):
                return task(expiry: request.expiresAt) { [composer] in
                    composer.resetLink(request, to: account, language: language)
                }
            case .refused(let refusal): return .settle(.done(outcome: .refused, reason: refusal.rawValue))
            case .malformed(let reason): return malformed(reason)
            }
        case .resetNotice, .activationNotice, .disablingNotice, .failureNotice, .recoveryNotice:
            guard let notice = kind.notice, let payload = job.payload(as: NoticePayload.self) else {
                return malformed("not a notice")
            }
            guard let account = try transaction.account(id: payload.account) else {
                return .settle(.done(outcome: .refused, reason: "the account is gone"))
            }
            return task { [composer] in composer.notice(notice, payload, job: job, to: account) }
        case .mailTest:
            guard let payload = job.payload(as: MailTestPayload.self), EmailAddress(payload.to) != nil else {
                return malformed("not a test with an address")
            }
            return task { [composer, language] in composer.test(payload, job: job, language: language) }
        case .webhook, .logout: return malformed("not a mail")
        }
    }

    /// Whether a relay kept silent at this mail, since it may do so again, and which relay the mail should go by then.
    private func experience(of job: Job, in transaction: any Transaction) throws -> (Bool, RelayPreference) {
        guard job.attempts > 1,
            let last = try transaction.attempts(job: job.id).last(where: { $0.outcome != .relayFault })
        else { return (false, .first) }
        let isSuspect = last.code == nil && ["recipient", "data", "body"].contains(last.stage)
        guard let relay = last.relay else { return (isSuspect, .first) }
        if last.outcome == .unknown { return (isSuspect, .same(as: relay)) }
        return (isSuspect, isSuspect ? .other(than: relay) : .first)
    }

    private func malformed(_ reason: String) -> PreparationResult {
        .settle(.dead(outcome: .malformed, reason: reason))
    }

    private static var kinds: String { JobKind.submittable.map(\.rawValue).joined(separator: ", ") }
}
