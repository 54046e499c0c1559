import Domain
import HTTPServer
import Mustache
import Pages

/// Ten codes for the day the phone is gone.
extension Portal {
    /// How long after logging in codes are made without asking for the password again.
    private static let recentLogin = TimeSpan.minutes(10)

    func showRecovery(_ context: RequestContext) throws -> Response? {
        guard let (session, account) = recoveryCodeOwner(context) else { return nil }
        return try recoveryPage(context, session, account)
    }

    /// Answers with the codes themselves: nothing keeps them, so no second page could show them.
    func submitRecovery(_ context: RequestContext, _ fields: Fields) throws -> Response? {
        guard let (session, account) = recoveryCodeOwner(context) else { return nil }
        try requireFormToken(context, fields)
        if asksPassword(session, at: context.now) {
            let password = try Self.typedPassword(fields)
            guard !password.isEmpty else { return try recoveryPage(context, session, account, .passwordMissing) }
            if let refusal = try confirmPassword(password, of: account, context) {
                return try recoveryPage(context, session, account, refusal)
            }
        }
        let (now, request) = (context.now, context.request)
        let codes: [String] = try store.write { transaction in
            guard let (_, account) = try recoveryCodeOwner(self.requestContext(request, in: transaction)) else {
                return []
            }
            return try services.recovery.generate(for: account, in: transaction, at: now, from: request.peerAddress)
        }
        guard !codes.isEmpty else { return nil }
        logger.log(.info, "recovery.made", ["account": account.userID, "address": request.peerAddress])
        let time = LocalTimeFormatter(language: context.viewer.language, zone: settings.zone)
        return pages.draw(
            .codes, title: "codes.title", for: context.viewer,
            [
                "codes": .list(codes.map { ["code": .text($0)] }), "user_id": .text(account.userID),
                "made_at": .text(time.full(now)), "site": .text(settings.site),
            ])
    }

    /// Recovery codes stand in for the second factor, so only who has just shown one may make them.
    private func recoveryCodeOwner(_ context: RequestContext) -> (LoginSession, Account)? {
        guard case .authenticated(let session, let account) = context.state, session.factor.isSecond,
            account.totp == .active
        else { return nil }
        return (session, account)
    }

    private func asksPassword(_ session: LoginSession, at now: Instant) -> Bool {
        now >= session.createdAt + Self.recentLogin
    }

    private func recoveryPage(
        _ context: RequestContext, _ session: LoginSession, _ account: Account, _ refusal: FormErrors = .none
    ) throws -> Response {
        let codes = try store.read { try $0.recoveryCodes(account: account.id) }
        let time = LocalTimeFormatter(language: context.viewer.language, zone: settings.zone)
        let values: [String: Value] = [
            "csrf": .text(formToken(for: context)), "user_id": .text(account.userID),
            "remaining": .optional(codes.map { "\($0.remaining)" }),
            "made_at": .optional(codes.map { time.full($0.madeAt) }), "replaces": .flag(codes != nil),
            "asks_password": .flag(asksPassword(session, at: context.now)),
        ]
        let card = FormCard.recovery(pages.words(for: context.viewer))
        return draw(.recovery, title: "recovery.title", context, values, card, refusal)
    }
}
