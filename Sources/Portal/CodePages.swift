import Domain
import HTTPServer
import Mustache
import Pages

/// Input Kode TOTP: the second factor of a login.
extension Portal {
    func showCode(_ context: RequestContext) throws -> Response? {
        guard case .verifying(_, let account) = context.state else { return nil }
        guard account.totp != .none else { return nil }
        return try codePage(context, account)
    }

    /// The visitor's standing is looked up again inside the transaction: of many posts of one code the first ends the
    /// session that the others came with.
    func submitCode(_ context: RequestContext, _ fields: Fields) throws -> Response? {
        guard case .verifying(_, let account) = context.state else { return nil }
        try requireFormToken(context, fields)
        let code = try fields.optional("code") ?? ""
        let recovery = try fields.optional("recovery_code") ?? ""
        if let formErrors = Self.missingCode(code: code, recovery: recovery, in: fields) {
            return try codePage(context, account, formErrors)
        }
        let (now, origin, request) = (context.now, context.origin, context.request)
        let result: LoginResult = try store.write { transaction in
            guard case .verifying(let session, let account) = try self.requestContext(request, in: transaction).state
            else {
                return .overtaken
            }
            let proof = try checkSecondFactor(
                code: code, recovery: recovery, of: account, in: transaction, at: now, from: origin.address)
            guard case .accepted(let factor) = proof else { return .refused(proof) }
            try transaction.append(AuditEvent(.loggedIn, of: account, at: now, from: origin.address, factor.rawValue))
            return .entered(
                try services.sessions.upgrade(session, to: factor, in: transaction, at: now, from: origin), factor)
        }
        switch result {
        case .overtaken: return .redirect(to: "/login/code")
        case .refused(let proof):
            logger.log(.warning, "login.code-refused", ["account": account.userID, "address": origin.address])
            return try codePage(context, account, refusal(proof, context))
        case .entered(let token, let factor):
            logger.log(
                .info, "login.completed",
                ["account": account.userID, "factor": factor.rawValue, "address": origin.address])
            var response = Response.redirect(to: "/home")
            response.set(Self.sessionCookie(token))
            return response
        }
    }

    /// What a code, or a recovery code in its place, turned out to be.
    enum SecondFactorResult: Sendable {
        case accepted(LoginSession.Factor)
        case code(CodeVerification.CodeRefusal)
        case recovery(RecoveryCodes.RecoveryCodeRefusal)
    }

    func checkSecondFactor(
        code: String, recovery: String, of account: Account, in transaction: any CodeVerification.Transaction,
        at now: Instant,
        from address: String
    ) throws -> SecondFactorResult {
        guard recovery.isEmpty else {
            return switch try services.recovery.spend(recovery, of: account, in: transaction, at: now, from: address) {
            case .accepted: .accepted(.recovery)
            case .refused(let refusal): .recovery(refusal)
            }
        }
        return switch try services.codes.check(code, of: account, in: transaction, at: now, from: address) {
        case .accepted: .accepted(.totp)
        case .refused(let refusal): .code(refusal)
        }
    }

    func refusal(_ proof: SecondFactorResult, _ context: RequestContext) -> FormErrors {
        switch proof {
        case .accepted: .none
        case .code(let refusal): self.formErrors(refusal, context)
        case .recovery(let refusal): self.formErrors(refusal, context)
        }
    }

    /// Nothing was typed: the page of the code has a form for each kind, the page that disables one form for both.
    static func missingCode(code: String, recovery: String, in fields: Fields) -> FormErrors? {
        guard code.isEmpty, recovery.isEmpty else { return nil }
        let asksCode = !fields.values("code").isEmpty
        let asksRecovery = !fields.values("recovery_code").isEmpty
        return switch (asksCode, asksRecovery) {
        case (true, true): FormErrors(keys: ["code": "fields.totp_or_recovery_missing"], status: 422)
        case (false, true): FormErrors(keys: ["recovery_code": "fields.recovery_missing"], status: 422)
        default: FormErrors(keys: ["code": "fields.totp_missing"], status: 422)
        }
    }

    private enum LoginResult: Sendable {
        case entered(SessionToken, LoginSession.Factor)
        case refused(SecondFactorResult)
        /// Another request was faster.
        case overtaken
    }

    private func codePage(_ context: RequestContext, _ account: Account, _ refusal: FormErrors = .none) throws
        -> Response
    {
        let (values, failures, recoveryFailures) = try store.read { transaction in
            (
                try codeContext(context, account, in: transaction), try transaction.failures(.code(account.id)),
                try transaction.failures(.recovery(account.id))
            )
        }
        var refusal = refusal
        if case .wait(let until) = Throttle.decision(recoveryFailures, of: .recovery, at: context.now) {
            refusal.recoveryWaitUntil = refusal.recoveryWaitUntil ?? until
        }
        switch Throttle.decision(failures, of: .code, at: context.now) {
        case .allowed: break
        case .wait(let until): refusal.waitUntil = refusal.waitUntil ?? until
        case .stopped: refusal.isStopped = true
        }
        return draw(.code, title: "code.title", context, values, refusal)
    }

    /// What every form with a code in it is drawn with.
    func codeContext(_ context: RequestContext, _ account: Account, in transaction: any AccountReader & LoginReader)
        throws
        -> [String: Value]
    {
        let codes = try transaction.recoveryCodes(account: account.id)
        let parameters = try transaction.credentials(account: account.id)?.parameters ?? .standard
        return Settings.codeContext(
            account, csrf: formToken(for: context), digits: parameters.digits,
            hasRecovery: codes.map { $0.remaining > 0 } ?? false)
    }
}
