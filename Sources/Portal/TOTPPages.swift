import Domain
import HTTPServer
import Mustache
import Pages
import Pictures

/// Activating TOTP and disabling it.
extension Portal {
    /// Halaman Enable TOTP while there is no secret, Halaman Scan QR Code while it is pending.
    func showEnable(_ context: RequestContext) throws -> Response? {
        guard let session = context.state.session, let account = context.state.account else { return nil }
        let words = pages.words(for: context.viewer)
        let wasDisabled = session.factor == .disabled
        switch account.totp {
        case .active: return nil
        case .none:
            let label = words[wasDisabled ? "enable.button_again" : "enable.button_activation"]
            let values = Settings.enableContext(
                account, label: label, csrf: formToken(for: context), wasDisabled: wasDisabled,
                isMember: context.state.isAuthenticated)
            return pages.draw(.enable, title: "enable.title", for: context.viewer, values)
        case .pending:
            guard let offer = try store.read({ try services.enrollment.pendingURI(account, in: $0) }) else {
                logger.log(.error, "totp.unreadable", ["account": account.userID])
                return pages.draw(.unavailable, for: context.request)
            }
            let label = words[wasDisabled ? "scan.logout_again" : "scan.logout_activation"]
            let values = Settings.scanContext(
                offer, qr: try QRCode.svg(for: offer.text, label: words["scan.qr_label"]), logoutLabel: label,
                csrf: formToken(for: context), wasDisabled: wasDisabled, isMember: context.state.isAuthenticated)
            return pages.draw(.scan, title: "scan.title", for: context.viewer, values)
        }
    }

    func submitEnable(_ context: RequestContext, _ fields: Fields) throws -> Response? {
        guard let account = context.state.account, account.totp != .active else { return nil }
        try requireFormToken(context, fields)
        let (now, request) = (context.now, context.request)
        try store.write { transaction in
            guard let account = try self.requestContext(request, in: transaction).state.account else { return }
            try services.enrollment.begin(account, in: transaction, at: now, from: request.peerAddress)
        }
        logger.log(.info, "totp.pending", ["account": account.userID, "address": request.peerAddress])
        return .redirect(to: context.address("/totp/enable"))
    }

    func showDisable(_ context: RequestContext) throws -> Response? {
        guard case .authenticated(_, let account) = context.state, account.totp == .active else { return nil }
        return try disablePage(context, account)
    }

    /// Password first, outside any transaction; then the code, and with it the end of secret and sessions.
    func submitDisable(_ context: RequestContext, _ fields: Fields) throws -> Response? {
        guard case .authenticated(_, let account) = context.state, account.totp == .active else { return nil }
        try requireFormToken(context, fields)
        let (password, typed) = (try Self.typedPassword(fields), try SecondFactorForm(fields))
        let missing = (password.isEmpty ? FormErrors.passwordMissing.keys : [:]).merging(typed.missing) { $1 }
        guard missing.isEmpty else {
            return try disablePage(context, account, FormErrors(keys: missing, status: 422))
        }
        if let refusal = try confirmPassword(password, of: account, context) {
            return try disablePage(context, account, refusal)
        }
        let (now, origin, request) = (context.now, context.origin, context.request)
        let result: DisableResult = try store.write { transaction in
            guard
                case .authenticated(let session, let account) = try self.requestContext(request, in: transaction).state,
                account.totp == .active
            else { return .overtaken }
            let proof = try checkSecondFactor(typed, of: account, in: transaction, at: now, from: origin.address)
            guard case .accepted = proof else { return .refused(proof) }
            let token = try services.sessions.upgrade(session, to: .disabled, in: transaction, at: now, from: origin)
            let current = try services.sessions.session(token.text, in: transaction, at: now)
            try services.enrollment.disable(
                account, keeping: current?.id, in: transaction, at: now, from: origin.address)
            return .disabled(token)
        }
        switch result {
        case .overtaken: return nil
        case .refused(let proof): return try disablePage(context, account, refusal(proof, context))
        case .disabled(let token):
            logger.log(.info, "totp.disabled", ["account": account.userID, "address": origin.address])
            var response = Response.redirect(to: "/totp/enable")
            response.set(Self.sessionCookie(token))
            return response
        }
    }

    private enum DisableResult: Sendable {
        case disabled(SessionToken)
        case refused(SecondFactorResult)
        /// Another request was faster.
        case overtaken
    }

    private func disablePage(_ context: RequestContext, _ account: Account, _ refusal: FormErrors = .none) throws
        -> Response
    {
        let question = try store.read { try codeQuestion(of: account, in: $0) }
        let card = FormCard.disable(
            pages.words(for: context.viewer), digits: question.digits, hasRecovery: question.hasRecovery)
        let values = Settings.codeContext(
            account, csrf: formToken(for: context), question, isRecoveryApart: false)
        return draw(.disable, title: "disable.title", context, values, card, refusal)
    }
}

extension LoginState {
    var isAuthenticated: Bool {
        if case .authenticated = self { true } else { false }
    }
}
