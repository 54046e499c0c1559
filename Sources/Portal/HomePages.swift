import Domain
import HTTPServer
import Mustache
import Pages

/// Beranda, and leaving it.
extension Portal {
    func showMember(_ context: RequestContext) throws -> Response? {
        guard case .authenticated(let session, let account) = context.state else { return nil }
        let now = context.now
        let (credentials, codes, sessions, policy) = try store.read { transaction in
            (
                try transaction.credentials(account: account.id), try transaction.recoveryCodes(account: account.id),
                try services.sessions.sessions(of: account.id, in: transaction, at: now),
                Policy(rules: try transaction.policyRules())
            )
        }
        let words = pages.words(for: context.viewer)
        let language = context.viewer.language
        let isRequired = policy.requiresTOTP(account.userType, at: now)
        let type = settings.userTypes.type(id: account.userType)
        let whileOff = [TOTPState.none: "off_none", .pending: "off_pending", .active: "off"]
        let policyKey = isRequired ? "on" : whileOff[account.totp] ?? "off"
        let applications = settings.applications.values.filter { $0.covers(account.userType) }
            .sorted { ($0.name, $0.id) < ($1.name, $1.id) }
            .compactMap { application in application.homePage.map { (name: application.name, address: $0) } }
        let mayRecover = session.factor.isSecond && account.totp == .active
        let values: [String: Value] = [
            "csrf": .text(formToken(for: context)), "user_id": .text(account.userID),
            "type_label": .text(type?.label(language) ?? account.userType),
            "totp_on": .flag(account.totp == .active),
            "policy_text": .text(words["member.policy_\(policyKey)"]),
            "recovery": .optional(codes.map { ["remaining": .text("\($0.remaining)")] }),
            "weak_secret": .flag(account.totp == .active && account.hasWeakSecret),
            "recovery_missing": .flag(mayRecover && codes == nil),
            "recovery_low": .flag(mayRecover && codes.map { $0.remaining <= 3 } ?? false),
            "clock_text": .optional(credentials.flatMap { clockText($0, words) }),
            "since": .text(LocalTimeFormatter(language: language, zone: settings.zone).full(session.createdAt)),
            "address": .text(session.address), "factor_text": .text(words.factor(session)),
            "sessions": .text("\(sessions.count)"), "has_applications": .flag(!applications.isEmpty),
            "applications": .list(
                applications.map { ["name": .text($0.name), "href": .text($0.address)] }),
        ]
        return pages.draw(.member, title: "member.title", for: context.viewer, values)
    }

    func submitLogout(_ context: RequestContext, _ fields: Fields) throws -> Response? {
        guard let session = context.state.session, let account = context.state.account else { return nil }
        try requireFormToken(context, fields)
        try end(session, of: account, from: context.request.peerAddress, at: context.now)
        var response = Response.redirect(to: context.destination == nil ? "/" : context.address("/login"))
        response.set(Cookie.removing(CookieName.session))
        return response
    }

    /// Ends a login, at the portal and everywhere.
    /// - Parameter application: that asked for it; nil for the person.
    func end(
        _ session: LoginSession, of account: Account, from address: String, at now: Instant,
        by application: Application? = nil
    ) throws {
        try store.write { transaction in
            _ = try transaction.endSession(session.id, at: now)
            try transaction.append(
                AuditEvent(.loggedOut, of: account, at: now, from: address, by: application?.actor))
        }
        logger.log(.info, "login.ended", ["account": account.userID, "address": address])
    }

    /// The phone's clock as learnt from the last code, when it is worth a word.
    private func clockText(_ credentials: Credentials, _ words: Words) -> String? {
        guard credentials.sealedSecret != nil, credentials.drift != 0 else { return nil }
        let amount = words.amount(seconds: abs(credentials.drift) * credentials.parameters.period)
        return words.sentence(credentials.drift < 0 ? "clock_behind" : "clock_ahead", ["amount": amount])
    }
}

extension Words {
    /// How somebody proved who they are. Who disabled TOTP is back at the password.
    func factor(_ session: LoginSession) -> String {
        let proof = session.factor == .disabled ? .password : session.factor
        return self["member.factor_\(proof.rawValue)"]
    }
}
