package import Cryptography
package import Domain

/// Validates claimed jobs and prepares their mails, or settles them. Runs inside the transaction that claimed them.
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

    /// Prepares the mails of jobs, or settles these, in their order. What that depends on is looked up for all of them at once.
    func prepare(_ jobs: [Job], in transaction: any Transaction, at now: Instant) throws -> [PreparationResult] {
        var drafts = jobs.map { JobDraft($0, at: now, linkLifetime: linkLifetime) }
        try drafts.lookUp(\.triedJob, transaction.attempts(jobs:)) { $0.attempts = $1 }
        try drafts.lookUp(\.request, { try validation.validate($0, in: transaction, at: now, random: random) }) {
            $0.decision = $1
        }
        try drafts.lookUp(\.notified, transaction.accounts(ids:)) { $0.account = $1 }
        return try drafts.map { try giveReturnAddress(result(of: $0), in: transaction) }
    }

    private func giveReturnAddress(
        _ result: PreparationResult, in transaction: any Transaction
    ) throws -> PreparationResult {
        guard case .send(var task) = result, let returnAddresses else { return result }
        let address = returnAddresses.address(for: task.job)
        // Before the mail goes out: a relay may send it back before the claim is settled.
        try transaction.setReturnDigest(job: task.job.id, address.digest)
        task.returnAddress = address.text
        return .send(task)
    }

    private func result(of draft: JobDraft) -> PreparationResult {
        switch draft.order {
        case .failure(let obstacle): .settle(obstacle.settlement)
        case .success(let order): result(of: draft, order)
        }
    }

    private func result(of draft: JobDraft, _ order: JobDraft.Order) -> PreparationResult {
        let job = draft.job
        let (isSuspect, preference) = draft.experience
        func task(expiry: Instant = order.expiry, mail: @escaping @Sendable () -> TemplatedMail) -> PreparationResult {
            .send(
                DeliveryTask(
                    job: job, kind: order.kind, expiry: expiry, isSuspect: isSuspect, preference: preference, mail: mail
                ))
        }
        switch order.content {
        case .request:
            switch draft.decision {
            case .open(let request, let account, let language):
                return task(expiry: request.expiresAt) { [composer] in
                    composer.resetLink(request, to: account, language: language)
                }
            case .refused(let refusal): return .settle(.done(outcome: .refused, reason: refusal.rawValue))
            case .malformed(let reason): return .settle(.dead(outcome: .malformed, reason: reason))
            }
        case .notice(let notice, let payload):
            guard let account = draft.account else {
                return .settle(.done(outcome: .refused, reason: "the account is gone"))
            }
            return task { [composer] in composer.notice(notice, payload, job: job, to: account) }
        case .test(let payload):
            return task { [composer, language] in composer.test(payload, job: job, language: language) }
        }
    }
}
