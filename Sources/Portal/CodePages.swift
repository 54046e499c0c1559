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
        let typed = try SecondFactorForm(fields)
        guard typed.missing.isEmpty else {
            return try codePage(context, account, FormErrors(keys: typed.missing, status: 422))
        }
        let (now, origin, request) = (context.now, context.origin, context.request)
        let result: LoginResult = try store.write { transaction in
            guard case .verifying(let session, let account) = try self.requestContext(request, in: transaction).state
            else {
                return .overtaken
            }
            let proof = try checkSecondFactor(typed, of: account, in: transaction, at: now, from: origin.address)
            guard case .accepted(let factor) = proof else { return .refused(proof) }
            try transaction.append(AuditEvent(.loggedIn, of: account, at: now, from: origin.address, factor.rawValue))
            return .entered(
                try services.sessions.upgrade(session, to: factor, in: transaction, at: now, from: origin), factor)
        }
        switch result {
        case .overtaken: return .redirect(to: context.address("/login/code"))
        case .refused(let proof):
            logger.log(.warning, "login.code-refused", ["account": account.userID, "address": origin.address])
            return try codePage(context, account, refusal(proof, context))
        case .entered(let token, let factor):
            logger.log(
                .info, "login.completed",
                ["account": account.userID, "factor": factor.rawValue, "address": origin.address])
            var response = Response.redirect(to: context.pathOfLogin)
            response.set(Self.sessionCookie(token))
            return response
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
        let (question, failures, recoveryFailures) = try store.read { transaction in
            (
                try codeQuestion(of: account, in: transaction), try transaction.failures(.code(account.id)),
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
        let card = FormCard.code(pages.words(for: context.viewer), digits: question.digits)
        let values = Settings.codeContext(account, csrf: formToken(for: context), question, isRecoveryApart: true)
        return draw(.code, title: "code.title", context, values, card, refusal)
    }
}
