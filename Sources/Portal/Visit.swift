import Cryptography
import Domain
import HTTPServer
import Pages

/// One request with who it comes from: how far they have come, and what their forms are bound to.
struct Visit: Sendable {
    let request: Request
    let visitor: Visitor
    let now: Instant
    let standing: Standing
    /// What form tokens are bound to: the session or the ticket, or nothing for a stranger.
    let subject: String
    /// A session cookie came along that is worth nothing any more.
    let hasDeadSession: Bool

    var origin: Origin {
        Origin(
            address: request.peerAddress, addressKey: request.addressKey,
            browser: request.headers["user-agent"] ?? "")
    }
}

/// A form came back without a token of ours for it, or too late.
struct FormExpired: Error {}

extension Portal {
    /// The names of the cookies. `__Host-` keeps other hosts and plain connections from setting them.
    enum CookieName {
        static let session = "__Host-pulih"
        static let ticket = "__Host-pulih-login"
    }

    private static let purpose = "login"

    /// Who a request comes from.
    func visit(_ request: Request, in store: any Reading) throws -> Visit {
        let now = clock.now()
        var visitor = pages.visitor(request)
        let cookie = Self.cookie(CookieName.session, of: request)
        if let cookie, let session = try desks.sessions.session(cookie, in: store, at: now),
            let account = try store.account(id: session.account)
        {
            let policy = Policy(rules: try store.policyRules())
            let standing = Standing(session, account, policy: policy, at: now)
            if standing.isMember { visitor.userID = account.userID }
            return Visit(
                request: request, visitor: visitor, now: now, standing: standing,
                subject: Base64URL.encode(SessionToken(cookie)?.digest ?? []), hasDeadSession: false)
        }
        let ticketText = Self.cookie(CookieName.ticket, of: request)
        let ticket = ticketText.flatMap { desks.tickets.ticket($0, at: now) }
        return Visit(
            request: request, visitor: visitor, now: now, standing: ticket.map(Standing.identified) ?? .stranger,
            subject: ticket == nil ? "" : ticketText ?? "", hasDeadSession: cookie?.isEmpty == false)
    }

    /// Answers a GET. When `body` has nothing to show to somebody who has come this far, and no further, it answers nil
    /// and they are sent where they can go on.
    func look(_ request: Request, _ body: (Visit) throws -> Response?) -> Response {
        guarded(request) {
            let visit = try storage.read { try self.visit(request, in: $0) }
            try touch(visit)
            return try body(visit) ?? .redirect(to: Self.place(for: visit.standing))
        }
    }

    /// Answers a POST like `look` answers a GET; the form's token is `body`'s to check, with `requireToken`, once it
    /// knows that the form is open to this visitor.
    func receive(_ request: Request, _ body: (Visit, Fields) throws -> Response?) -> Response {
        guarded(request) {
            let visit = try storage.read { try self.visit(request, in: $0) }
            let fields = request.body.isEmpty ? Fields() : try request.form()
            try touch(visit)
            return try body(visit, fields) ?? .redirect(to: Self.place(for: visit.standing))
        }
    }

    func token(for visit: Visit) -> String { forms.token(for: Self.purpose, subject: visit.subject, at: visit.now) }

    func requireToken(_ visit: Visit, _ fields: Fields, strangersToo: Bool = false) throws {
        let token = try fields.optional("csrf") ?? ""
        let subject = strangersToo ? "" : visit.subject
        guard forms.accepts(token, for: Self.purpose, subject: subject, at: visit.now) else { throw FormExpired() }
    }

    /// Where somebody goes on who has come this far.
    static func place(for standing: Standing) -> String {
        switch standing {
        case .stranger: "/login"
        case .identified: "/login/password"
        case .enrolling: "/totp/enable"
        case .verifying: "/login/code"
        case .member: "/home"
        }
    }

    static func sessionCookie(_ token: SessionToken) -> Cookie { Cookie(CookieName.session, token.text) }

    /// The one cookie of this name; none when there are several.
    private static func cookie(_ name: String, of request: Request) -> String? {
        (try? request.cookies.optional(name)) ?? nil
    }

    /// Notes that the session is in use.
    private func touch(_ visit: Visit) throws {
        guard let session = visit.standing.session, desks.sessions.isTouchDue(session, at: visit.now) else { return }
        let now = visit.now
        try storage.write { try $0.touch(session: session.id, at: now) }
    }
}

extension Standing {
    var session: LoginSession? {
        switch self {
        case .stranger, .identified: nil
        case .enrolling(let session, _), .verifying(let session, _), .member(let session, _): session
        }
    }

    var account: Account? {
        switch self {
        case .stranger, .identified: nil
        case .enrolling(_, let account), .verifying(_, let account), .member(_, let account): account
        }
    }
}
