import Domain
import HTTPServer
import Mustache
import Pages

/// Input Kode TOTP: the second factor of a login.
extension Portal {
    func showCode(_ visit: Visit) throws -> Response? {
        guard case .verifying(_, let account) = visit.standing else { return nil }
        guard account.totp != .none else { return nil }
        return try codePage(visit, account)
    }

    /// The visitor's standing is looked up again inside the transaction: of many posts of one code the first ends the
    /// session that the others came with.
    func receiveCode(_ visit: Visit, _ fields: Fields) throws -> Response? {
        guard case .verifying(_, let account) = visit.standing else { return nil }
        try requireToken(visit, fields)
        let code = try fields.optional("code") ?? ""
        let recovery = try fields.optional("recovery_code") ?? ""
        if let refusal = Self.missing(code: code, recovery: recovery, in: fields) {
            return try codePage(visit, account, refusal)
        }
        let (now, origin, request) = (visit.now, visit.origin, visit.request)
        let result: LoginResult = try storage.write { store in
            guard case .verifying(let session, let account) = try self.visit(request, in: store).standing else {
                return .overtaken
            }
            let proof = try prove(code: code, recovery: recovery, of: account, in: store, at: now, from: origin.address)
            guard case .proved(let factor) = proof else { return .refused(proof) }
            try store.append(AuditEvent(.loggedIn, of: account, at: now, from: origin.address, factor.rawValue))
            return .entered(
                try desks.sessions.elevate(session, to: factor, in: store, at: now, from: origin), factor)
        }
        switch result {
        case .overtaken: return .redirect(to: "/login/code")
        case .refused(let proof):
            journal.note(.warning, "login.code-refused", ["account": account.userID, "address": origin.address])
            return try codePage(visit, account, refusal(proof, visit, typed: code))
        case .entered(let token, let factor):
            journal.note(
                .info, "login.completed",
                ["account": account.userID, "factor": factor.rawValue, "address": origin.address])
            var response = Response.redirect(to: "/home")
            response.set(Self.sessionCookie(token))
            return response
        }
    }

    /// What a code, or a recovery code in its place, turned out to be.
    enum Proof: Sendable {
        case proved(LoginSession.Factor)
        case code(CodeDesk.Refusal)
        case recovery(RecoveryCodes.Refusal)
    }

    func prove(
        code: String, recovery: String, of account: Account, in store: any Writing, at now: Instant,
        from address: String
    ) throws -> Proof {
        guard recovery.isEmpty else {
            return switch try desks.recovery.spend(recovery, of: account, in: store, at: now, from: address) {
            case .accepted: .proved(.recovery)
            case .refused(let refusal): .recovery(refusal)
            }
        }
        return switch try desks.codes.check(code, of: account, in: store, at: now, from: address) {
        case .accepted: .proved(.totp)
        case .refused(let refusal): .code(refusal)
        }
    }

    func refusal(_ proof: Proof, _ visit: Visit, typed: String) -> Refusal {
        switch proof {
        case .proved: .none
        case .code(let refusal): self.refusal(refusal, visit, typed: typed)
        case .recovery(let refusal): self.refusal(refusal, visit)
        }
    }

    /// Nothing was typed: the page of the code has a form for each kind, the page that disables one form for both.
    static func missing(code: String, recovery: String, in fields: Fields) -> Refusal? {
        guard code.isEmpty, recovery.isEmpty else { return nil }
        let asksCode = !fields.values("code").isEmpty
        let asksRecovery = !fields.values("recovery_code").isEmpty
        return switch (asksCode, asksRecovery) {
        case (true, true): Refusal(error: ["code": "fields.totp_or_recovery_missing"], status: 422)
        case (false, true): Refusal(error: ["recovery_code": "fields.recovery_missing"], status: 422)
        default: Refusal(error: ["code": "fields.totp_missing"], status: 422)
        }
    }

    private enum LoginResult: Sendable {
        case entered(SessionToken, LoginSession.Factor)
        case refused(Proof)
        /// Another request was faster.
        case overtaken
    }

    private func codePage(_ visit: Visit, _ account: Account, _ refusal: Refusal = .none) throws -> Response {
        let (context, failures, recoveryFailures) = try storage.read { store in
            (
                try codeContext(visit, account, in: store), try store.failures(.code(account.id)),
                try store.failures(.recovery(account.id))
            )
        }
        var refusal = refusal
        if case .wait(let until) = Throttle.standing(recoveryFailures, of: .recovery, at: visit.now) {
            refusal.recoveryWaitUntil = refusal.recoveryWaitUntil ?? until
        }
        switch Throttle.standing(failures, of: .code, at: visit.now) {
        case .free: break
        case .wait(let until): refusal.waitUntil = refusal.waitUntil ?? until
        case .stopped: refusal.isStopped = true
        }
        return draw(.code, title: "code.title", visit, context, refusal)
    }

    /// What every form with a code in it is drawn with.
    func codeContext(_ visit: Visit, _ account: Account, in store: any Reading) throws -> [String: Value] {
        let codes = try store.recoveryCodes(account: account.id)
        let parameters = try store.credentials(account: account.id)?.parameters ?? .standard
        return Rules.codeContext(
            account, csrf: token(for: visit), digits: parameters.digits,
            hasRecovery: codes.map { $0.remaining > 0 } ?? false)
    }
}
