import Domain
import HTTPServer
import Mustache
import Pages

/// Halaman Utama, the User ID and the password: the two steps before any second factor.
extension Portal {
    private static let ticketSeconds = Int(ClaimedIdentities.lifetime.milliseconds / 1000)

    func showHome(_ context: RequestContext) throws -> Response {
        let language = context.viewer.language
        let words = pages.words(for: context.viewer)
        let values: [String: Value] = [
            "login_types": .list(
                settings.loginChoices.map {
                    let href = $0.href + (context.destination.map { "&\($0.query.dropFirst())" } ?? "")
                    return ["label": .text($0.label(language, or: words["login.or"])), "href": .text(href)]
                }),
            "announcements": try announcements(context),
        ]
        return pages.draw(.home, title: "home.title", for: context.viewer, values)
    }

    /// A login that is half done may begin again; a person who is logged in is sent on.
    func showLogin(_ context: RequestContext) throws -> Response? {
        if case .authenticated = context.state { return nil }
        let asked = context.request.query.values("user_type").first.flatMap(settings.loginChoice)
        let hinted = context.destination.flatMap { AuthorizationRequest.userID(hintedIn: $0.login.path) }
        var response = try loginPage(
            context, userID: hinted?.text ?? "", choice: asked ?? settings.loginChoices[0],
            isOver: context.hasExpiredSession)
        if context.hasExpiredSession { response.set(Cookie.removing(CookieName.session)) }
        return response
    }

    func submitLogin(_ context: RequestContext, _ fields: Fields) throws -> Response? {
        if case .authenticated = context.state { return nil }
        let form = try LoginForm(fields)
        let choice = settings.loginChoice(form.userType) ?? settings.loginChoices[0]
        if form.wantsReset { return .redirect(to: Self.resetAddress(form.userID)) }
        do {
            try requireFormToken(context, fields, allowAnonymous: true)
        } catch is FormExpiredError {
            return try loginPage(
                context, userID: form.userID, choice: choice,
                FormErrors(keys: [.form: "errors.form_expired.text"], status: 403))
        }
        let mistakes = form.mistakes(settings)
        guard mistakes.isEmpty else {
            return try loginPage(
                context, userID: form.userID, choice: choice, FormErrors(keys: mistakes, status: 422))
        }
        let ticket = ClaimedIdentity(userID: form.userID, userTypes: choice.types.map(\.id))
        var response = Response.redirect(to: context.address("/login/password"))
        if let session = context.state.session {
            _ = try store.write { try $0.endSession(session.id, at: context.now) }
            response.set(Cookie.removing(CookieName.session))
        }
        response.set(
            Cookie(CookieName.ticket, services.tickets.text(ticket, at: context.now), maxAge: Self.ticketSeconds))
        return response
    }

    func showPassword(_ context: RequestContext) throws -> Response? {
        guard case .identified(let ticket) = context.state else { return nil }
        return passwordPage(context, ticket)
    }

    func submitPassword(_ context: RequestContext, _ fields: Fields) throws -> Response? {
        guard case .identified(let ticket) = context.state else { return nil }
        try requireFormToken(context, fields)
        let password = try Self.typedPassword(fields)
        guard !password.isEmpty else { return passwordPage(context, ticket, .passwordMissing) }
        let outcome = try services.login.attempt(
            password, ticket: ticket, in: store, at: context.now, from: context.origin, replacing: context.session)
        guard case .accepted(let token, let account) = outcome else {
            logger.log(.warning, "login.refused", ["reason": outcome.word, "address": context.request.peerAddress])
            return passwordPage(context, ticket, formErrors(outcome, field: .form, wrong: "fields.login_wrong"))
        }
        let next = try store.read { transaction in
            let session = try services.sessions.session(token.text, in: transaction, at: context.now)
            let policy = Policy(rules: try transaction.policyRules())
            return session.map {
                LoginState($0, account, policy: policy, at: context.now, for: context.destination?.application)
            } ?? .anonymous
        }
        logger.log(
            .info, "login.password", ["account": account.userID, "address": context.request.peerAddress])
        var response = Response.redirect(to: context.nextPath(for: next))
        response.set(Self.sessionCookie(token))
        response.set(Cookie.removing(CookieName.ticket))
        return response
    }

    // MARK: - Drawing

    private func loginPage(
        _ context: RequestContext, userID: String, choice: UserTypeChoice, _ errors: FormErrors = .none,
        isOver: Bool = false
    ) throws -> Response {
        let words = pages.words(for: context.viewer)
        let values = Settings.loginContext(
            userID: userID, userType: choice.value, label: choice.label(context.viewer.language, or: words["login.or"]),
            csrf: forms.token(for: "login", subject: "", at: context.now), announcements: try announcements(context),
            isOver: isOver)
        return draw(.login, title: "login.title", context, values, .login(words, userID: userID), errors)
    }

    private func passwordPage(_ context: RequestContext, _ ticket: ClaimedIdentity, _ refusal: FormErrors = .none)
        -> Response
    {
        let values = Settings.passwordContext(userID: ticket.userID, csrf: formToken(for: context))
        let card = FormCard.password(pages.words(for: context.viewer))
        return draw(.password, title: "password.title", context, values, card, refusal)
    }

    /// What was typed as User ID goes along to the form of the reset.
    private static func resetAddress(_ userID: String) -> String {
        // User IDs are made of characters that need no escape in a query; anything else is left behind.
        UserID(userID).map { "/reset?user_id=\($0.text)" } ?? "/reset"
    }

    /// What the policy will change, for everyone to read before it does.
    private func announcements(_ context: RequestContext) throws -> Value {
        let words = pages.words(for: context.viewer)
        let language = context.viewer.language
        let policy = Policy(rules: try store.read { try $0.policyRules() })
        var coming: [(rule: PolicyRule, types: [String])] = []
        for type in settings.userTypes {
            guard let rule = policy.upcoming(for: type.id, after: context.now) else { continue }
            if let index = coming.firstIndex(where: { $0.rule == rule }) {
                coming[index].types.append(type.label(language))
            } else {
                coming.append((rule, [type.label(language)]))
            }
        }
        let time = LocalTimeFormatter(language: language, zone: settings.zone)
        return .list(
            coming.map { rule, types in
                let sentence = rule.requiresTOTP ? "policy_coming" : "policy_ending"
                let values = ["time": time.full(rule.from), "types": types.joined(separator: ", ")]
                return ["text": .text(words.sentence(sentence, values))]
            })
    }
}

extension PasswordLogin.Outcome {
    /// For the log.
    var word: String {
        switch self {
        case .accepted: "right"
        case .wrong: "wrong"
        case .wait: "wait"
        case .tooMany: "too-many"
        case .busy: "busy"
        }
    }
}
