package import Cryptography

/// Decides which queued reset requests earn a mail, and opens their links. Runs inside the transaction that claimed the
/// jobs, so that spending the captcha, counting the request and opening the link are one step.
package struct ResetRequestValidation: Sendable {
    /// What it needs of a transaction.
    package typealias Transaction = AccountReader & ResetWriter & EventPublisher

    package enum Decision: Sendable, Equatable {
        /// With the language that was asked for, if any.
        case open(ResetRequest, Account, Language?)
        case refused(ResetRefusal)
        case malformed(String)
    }

    /// How many links these decisions have opened so far, by account.
    private typealias NewLinks = [Int64: Int]

    private let captchas: CaptchaService
    private let linkLifetime: TimeSpan
    private let perAccountPerHour: Int

    package init(captchas: CaptchaService, linkLifetime: TimeSpan, perAccountPerHour: Int) {
        self.captchas = captchas
        self.linkLifetime = linkLifetime
        self.perAccountPerHour = perAccountPerHour
    }

    /// Decides on jobs in their order, each as if those before it had been decided on alone: what is looked up for all of them
    /// beforehand changes by nothing but the links that they open themselves.
    /// - Parameter jobs: claimed `reset-request`s.
    package func validate(
        _ jobs: [Job], in transaction: any Transaction, at now: Instant, random: any RandomSource
    ) throws -> [Decision] {
        let drafts = try lookUp(jobs, in: transaction, at: now)
        var newLinks: NewLinks = [:]
        return try drafts.map { try decide($0, &newLinks, in: transaction, at: now, random: random) }
    }

    private func lookUp(_ jobs: [Job], in transaction: any Transaction, at now: Instant) throws -> [ResetRequestDraft] {
        var drafts = jobs.map(ResetRequestDraft.init)
        // Only a job that was claimed before can have opened one.
        try drafts.lookUp({ $0.job.token > 1 ? $0.job.id : nil }, transaction.resetRequests(jobs:)) { $0.opened = $1 }
        for place in drafts.indices { checkCaptcha(of: &drafts[place]) }
        try drafts.lookUp(\.captcha, transaction.spend(_:)) { if !$1 { $0.captchaRefusal = .captchaSpent } }
        try drafts.lookUp(\.opened?.account, transaction.accounts(ids:)) { $0.account = $1 }
        try drafts.lookUp(\.userID, transaction.accounts(userIDs:)) { $0.account = $1 }
        try drafts.lookUp(
            { $0.userID == nil ? nil : $0.account?.id },
            { try transaction.resetRequests(accounts: $0, since: now - .hours(1)) }
        ) { $0.links = $1 }
        return drafts
    }

    private func decide(
        _ draft: ResetRequestDraft, _ newLinks: inout NewLinks, in transaction: any Transaction, at now: Instant,
        random: any RandomSource
    ) throws -> Decision {
        let payload: ResetPayload
        switch draft.payload {
        case .success(let understood): payload = understood
        case .failure(let fault): return .malformed(fault.reason)
        }
        let language = payload.language.flatMap(Language.init(rawValue:))
        if let opened = draft.opened {
            return revalidate(opened, of: draft.account, newLinks, language, at: now)
        }
        if let refusal = draft.captchaRefusal { return .refused(refusal) }
        guard let account = draft.account else { return .refused(.accountUnknown) }
        let links = draft.links + newLinks[account.id, default: 0]
        if let refusal = refusal(for: account, payload, links: links) {
            try transaction.publish(
                WebhookEvent(
                    .resetRefused, of: account, at: now,
                    details: ["request": draft.job.requestID, "reason": refusal.rawValue]))
            return .refused(refusal)
        }

        let request = ResetRequest(
            id: ResetRequest.newID(at: now, random: random), account: account.id, generation: account.generation,
            job: draft.job.id, state: .open, requestedAt: draft.job.createdAt,
            expiresAt: draft.job.createdAt + linkLifetime, address: payload.address)
        try transaction.open(request, at: now)
        newLinks[account.id, default: 0] += 1
        try transaction.publish(
            WebhookEvent(.resetRequested, of: account, at: now, details: ["request": draft.job.requestID]))
        return .open(request, account, language)
    }

    /// A retry: the decision holds, unless the link has been overtaken meanwhile, be it by one that was opened just now.
    private func revalidate(
        _ request: ResetRequest, of account: Account?, _ newLinks: NewLinks, _ language: Language?, at now: Instant
    ) -> Decision {
        guard let account, account.isActive, request.state == .open, now < request.expiresAt,
            account.generation == request.generation, newLinks[account.id] == nil
        else { return .refused(.overtaken) }
        return .open(request, account, language)
    }

    /// Notes what is wrong with the captcha of a request, or that it is to be spent.
    private func checkCaptcha(of draft: inout ResetRequestDraft) {
        guard draft.opened == nil, let payload = try? draft.payload.get() else { return }
        if payload.captcha == nil && payload.securityCode == nil { return }
        guard let challenge = captchas.challenge(id: payload.captcha ?? "") else {
            draft.captchaRefusal = .captchaForged
            return
        }
        // Judged as of the moment the person pressed the button: a queue that was late is not their fault.
        switch challenge.check(payload.securityCode ?? "", at: draft.job.createdAt) {
        case .wrong, .malformed: draft.captchaRefusal = .captchaWrong
        case .expired: draft.captchaRefusal = .captchaExpired
        case .right: draft.captcha = SpentCaptcha(id: challenge.id, until: challenge.expiresAt)
        }
    }

    private func refusal(for account: Account, _ payload: ResetPayload, links: Int) -> ResetRefusal? {
        // First, since an application that has to do with one user type learns the reason and nothing of other accounts.
        guard CanonicalText.matches(account.userType, payload.userType) else { return .userTypeMismatch }
        guard account.isActive else { return .accountInactive }
        guard CanonicalText.matches(account.email, payload.email) else { return .emailMismatch }
        guard account.totp != .none else { return .totpOff }
        return links < perAccountPerHour ? nil : .accountLimit
    }
}
