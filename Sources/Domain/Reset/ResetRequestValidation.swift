package import Cryptography
import FoundationEssentials

/// Decides whether a queued reset request earns a mail, and opens its link. Runs inside the transaction that claimed
/// the job, so that spending the captcha, counting the request and opening the link are one step.
package struct ResetRequestValidation: Sendable {
    /// What it needs of a transaction.
    package typealias Transaction = AccountReader & ResetWriter & EventPublisher

    /// Why nobody is mailed. The text is the reason operators read on the job.
    package enum ResetRefusal: String, Sendable, CaseIterable {
        case captchaForged = "captcha-forged"
        case captchaWrong = "captcha-wrong"
        case captchaExpired = "captcha-expired"
        case captchaSpent = "captcha-spent"
        case accountUnknown = "account-unknown"
        case accountInactive = "account-inactive"
        case emailMismatch = "email-mismatch"
        case userTypeMismatch = "user-type-mismatch"
        case totpOff = "totp-off"
        case accountLimit = "account-limit"
        /// The account's secret changed, or the link was used, cancelled or ran out, while its mail was still waiting.
        case overtaken

        /// What a helpdesk needs to know to help, in a sentence. For operators: people must not learn who has an account.
        package var explanation: String {
            switch self {
            case .captchaForged: "The security code was not made by this installation, or its key is gone."
            case .captchaWrong: "The security code was wrong."
            case .captchaExpired:
                "The security code was older than \(CaptchaService.lifetime.milliseconds / 60_000) minutes."
            case .captchaSpent: "The security code had been used for another request."
            case .accountUnknown: "There is no account with the User ID that was typed."
            case .accountInactive: "The account is deactivated."
            case .emailMismatch: "The e-mail address that was typed is not the registered one."
            case .userTypeMismatch: "The account has another user type than the one that was chosen."
            case .totpOff: "The account has no TOTP to reset: its owner logs in and activates it."
            case .accountLimit: "The account had as many links within the hour as it may have; the newest one works."
            case .overtaken:
                "A newer request, a cancellation or a change of the TOTP secret came before the mail could go out."
            }
        }
    }

    package enum Decision: Sendable, Equatable {
        /// With the language that was asked for, if any.
        case open(ResetRequest, Account, Language?)
        case refused(ResetRefusal)
        case malformed(String)
    }

    private let captchas: CaptchaService
    private let linkLifetime: TimeSpan
    private let perAccountPerHour: Int

    package init(captchas: CaptchaService, linkLifetime: TimeSpan, perAccountPerHour: Int) {
        self.captchas = captchas
        self.linkLifetime = linkLifetime
        self.perAccountPerHour = perAccountPerHour
    }

    /// - Parameter job: a claimed `reset-request`.
    package func validate(
        _ job: Job, in transaction: any Transaction, at now: Instant, random: any RandomSource
    ) throws -> Decision {
        guard let json = job.payload else { return .malformed("the job has no payload") }
        let payload: ResetPayload
        do {
            payload = try JSONDecoder().decode(ResetPayload.self, from: Data(json.utf8))
        } catch {
            return .malformed(Self.explain(error))
        }
        let language = payload.language.flatMap(Language.init(rawValue:))
        // Only a job that was claimed before can have opened one.
        if job.token > 1, let opened = try transaction.resetRequest(job: job.id) {
            return try revalidate(opened, language, in: transaction, at: now)
        }
        if let refusal = try spendCaptcha(payload, job: job, in: transaction, at: now) { return .refused(refusal) }
        guard let account = try transaction.account(userID: payload.userID) else { return .refused(.accountUnknown) }
        if let refusal = try refusal(for: account, payload, in: transaction, at: now) {
            try transaction.publish(
                WebhookEvent(
                    .resetRefused, of: account, at: now,
                    details: ["request": job.requestID, "reason": refusal.rawValue]))
            return .refused(refusal)
        }

        let request = ResetRequest(
            id: Base64URL.encode(random.bytes(ResetRequest.idBytes)), account: account.id,
            generation: account.generation, job: job.id, state: .open, requestedAt: job.createdAt,
            expiresAt: job.createdAt + linkLifetime, address: payload.address)
        try transaction.open(request, at: now)
        try transaction.publish(
            WebhookEvent(.resetRequested, of: account, at: now, details: ["request": job.requestID]))
        return .open(request, account, language)
    }

    /// A retry: the decision holds, unless the link has been overtaken meanwhile.
    private func revalidate(
        _ request: ResetRequest, _ language: Language?, in transaction: any Transaction, at now: Instant
    ) throws -> Decision {
        guard let account = try transaction.account(id: request.account), account.isActive,
            request.state == .open, now < request.expiresAt, account.generation == request.generation
        else { return .refused(.overtaken) }
        return .open(request, account, language)
    }

    private func spendCaptcha(
        _ payload: ResetPayload, job: Job, in transaction: any Transaction, at now: Instant
    ) throws -> ResetRefusal? {
        if payload.captcha == nil && payload.securityCode == nil { return nil }
        guard let challenge = captchas.challenge(id: payload.captcha ?? "") else { return .captchaForged }
        // Judged as of the moment the person pressed the button: a queue that was late is not their fault.
        switch challenge.check(payload.securityCode ?? "", at: job.createdAt) {
        case .wrong, .malformed: return .captchaWrong
        case .expired: return .captchaExpired
        case .right:
            return try transaction.spendCaptcha(challenge.id, until: challenge.expiresAt) ? nil : .captchaSpent
        }
    }

    private func refusal(
        for account: Account, _ payload: ResetPayload, in transaction: any Transaction, at now: Instant
    ) throws -> ResetRefusal? {
        // First, since an application that has to do with one user type learns the reason and nothing of other accounts.
        guard CanonicalText.matches(account.userType, payload.userType) else { return .userTypeMismatch }
        guard account.isActive else { return .accountInactive }
        guard CanonicalText.matches(account.email, payload.email) else { return .emailMismatch }
        guard account.totp != .none else { return .totpOff }
        let opened = try transaction.resetRequests(account: account.id, since: now - .hours(1))
        return opened < perAccountPerHour ? nil : .accountLimit
    }

    private static func explain(_ error: any Error) -> String {
        switch error {
        case DecodingError.keyNotFound(let key, _): "the payload has no \(key.stringValue)"
        case DecodingError.typeMismatch(_, let context), DecodingError.valueNotFound(_, let context):
            context.codingPath.last.map { "the payload's \($0.stringValue) is not text" }
                ?? "the payload is not an object"
        default: "the payload is not JSON"
        }
    }
}
