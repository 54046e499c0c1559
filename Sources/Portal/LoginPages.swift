import Domain
import HTTPServer
import Mustache
import Pages

/// Halaman Utama, the User ID and the password: the two steps that stand before any second factor.
extension Portal {
    private static let ticketSeconds = Int(LoginTickets.lifetime.milliseconds / 1000)

    func showHome(_ visit: Visit) throws -> Response {
        let language = visit.visitor.language
        let words = pages.words(for: visit.visitor)
        let context: [String: Value] = [
            "login_types": .list(
                rules.doors.map {
                    ["label": .text($0.label(language, or: words["login.or"])), "href": .text($0.href)]
                }),
            "announcements": try announcements(visit),
        ]
        return pages.draw(.home, title: "home.title", for: visit.visitor, context)
    }

    /// Whoever is half-way through may begin again; who is logged in has nothing to do here.
    func showLogin(_ visit: Visit) throws -> Response? {
        if case .member = visit.standing { return nil }
        let asked = visit.request.query.values("user_type").first.flatMap(rules.door)
        var response = try loginPage(
            visit, userID: "", door: asked ?? rules.doors[0], [:], isOver: visit.hasDeadSession)
        if visit.hasDeadSession { response.set(Cookie.removing(CookieName.session)) }
        return response
    }

    func receiveLogin(_ visit: Visit, _ fields: Fields) throws -> Response? {
        if case .member = visit.standing { return nil }
        let form = try LoginForm(fields)
        let door = rules.door(form.userType) ?? rules.doors[0]
        if form.wantsReset { return .redirect(to: Self.resetAddress(form.userID)) }
        do {
            try requireToken(visit, fields, strangersToo: true)
        } catch is FormExpired {
            return try loginPage(
                visit, userID: form.userID, door: door, [.form: "errors.form_expired.text"], status: 403)
        }
        let mistakes = form.mistakes(rules)
        guard mistakes.isEmpty else {
            return try loginPage(visit, userID: form.userID, door: door, mistakes, status: 422)
        }
        let ticket = LoginTicket(userID: form.userID, userTypes: door.types.map(\.id))
        var response = Response.redirect(to: "/login/password")
        if let session = visit.standing.session {
            _ = try storage.write { try $0.endSession(session.id) }
            response.set(Cookie.removing(CookieName.session))
        }
        response.set(Cookie(CookieName.ticket, desks.tickets.text(ticket, at: visit.now), maxAge: Self.ticketSeconds))
        return response
    }

    func showPassword(_ visit: Visit) throws -> Response? {
        guard case .identified(let ticket) = visit.standing else { return nil }
        return passwordPage(visit, ticket)
    }

    func receivePassword(_ visit: Visit, _ fields: Fields) throws -> Response? {
        guard case .identified(let ticket) = visit.standing else { return nil }
        try requireToken(visit, fields)
        let password = Array((try fields.optional("password") ?? "").utf8)
        guard !password.isEmpty else {
            return passwordPage(visit, ticket, .init(error: ["password": "fields.password_missing"], status: 422))
        }
        let outcome = try desks.login.attempt(
            password, ticket: ticket, in: storage, at: visit.now, from: visit.origin)
        guard case .right(let token, let account) = outcome else {
            journal.note(.warning, "login.refused", ["reason": outcome.word, "address": visit.request.peerAddress])
            return passwordPage(visit, ticket, refusal(outcome, visit, field: "form", wrong: "fields.login_wrong"))
        }
        let next = try storage.read { store in
            let session = try desks.sessions.session(token.text, in: store, at: visit.now)
            let policy = Policy(rules: try store.policyRules())
            return session.map { Standing($0, account, policy: policy, at: visit.now) } ?? .stranger
        }
        journal.note(
            .info, "login.password", ["account": account.userID, "address": visit.request.peerAddress])
        var response = Response.redirect(to: Self.place(for: next))
        response.set(Self.sessionCookie(token))
        response.set(Cookie.removing(CookieName.ticket))
        return response
    }

    // MARK: - Drawing

    private func loginPage(
        _ visit: Visit, userID: String, door: LoginDoor, _ mistakes: [LoginForm.Name: String], isOver: Bool = false,
        status: Int = 200
    ) throws -> Response {
        let words = pages.words(for: visit.visitor)
        let context = Rules.loginContext(
            userID: userID, userType: door.value, label: door.label(visit.visitor.language, or: words["login.or"]),
            csrf: forms.token(for: "login", subject: "", at: visit.now), announcements: try announcements(visit),
            isOver: isOver, mistakes: mistakes.mapValues { words[$0] })
        return pages.draw(.login, title: "login.title", for: visit.visitor, context, status: status)
    }

    private func passwordPage(_ visit: Visit, _ ticket: LoginTicket, _ refusal: Refusal = .none) -> Response {
        let context = Rules.passwordContext(userID: ticket.userID, csrf: token(for: visit))
        return draw(.password, title: "password.title", visit, context, refusal)
    }

    /// What was typed as User ID goes along to the form of the reset.
    private static func resetAddress(_ userID: String) -> String {
        // User IDs are made of characters that need no escape in a query; anything else is left behind.
        UserID(userID).map { "/reset?user_id=\($0.text)" } ?? "/reset"
    }

    /// What the policy will change, for everyone to read before it does.
    private func announcements(_ visit: Visit) throws -> Value {
        let words = pages.words(for: visit.visitor)
        let language = visit.visitor.language
        let policy = Policy(rules: try storage.read { try $0.policyRules() })
        var coming: [(rule: PolicyRule, types: [String])] = []
        for type in rules.userTypes {
            guard let rule = policy.coming(for: type.id, after: visit.now) else { continue }
            if let index = coming.firstIndex(where: { $0.rule == rule }) {
                coming[index].types.append(type.label(language))
            } else {
                coming.append((rule, [type.label(language)]))
            }
        }
        let time = LocalTime(language: language, zone: rules.zone)
        return .list(
            coming.map { rule, types in
                let sentence = rule.requiresTOTP ? "policy_coming" : "policy_ending"
                let values = ["time": time.full(rule.from), "types": types.joined(separator: ", ")]
                return ["text": .text(words.sentence(sentence, values))]
            })
    }
}

extension LoginDesk.Outcome {
    /// For the log.
    var word: String {
        switch self {
        case .right: "right"
        case .wrong: "wrong"
        case .wait: "wait"
        case .tooMany: "too-many"
        case .busy: "busy"
        }
    }
}
