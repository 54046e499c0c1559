import Cryptography
import Domain
import HTTPServer
import Pages

/// One request with who it comes from: how far they have come, and what their forms are bound to.
struct RequestContext: Sendable {
    let request: Request
    let viewer: Viewer
    let now: Instant
    let state: LoginState
    /// What form tokens are bound to: the session or the ticket, or nothing for a stranger.
    let subject: String
    /// A session cookie came along that is worth nothing any more.
    let hasExpiredSession: Bool
    /// The session of the browser, also one that is not young enough for where they go.
    let session: LoginSession?
    /// Where a login leads; nil to Beranda.
    let destination: Destination?

    /// An application that somebody logs in to.
    struct Destination: Sendable {
        let application: Application
        let login: LoginDestination
        /// As the address of each page has it.
        let text: String

        /// What is added to a path.
        var query: String { "?\(Self.field)=\(text)" }

        static let field = "next"
    }

    /// Where somebody goes on who has come as far as `state`.
    func nextPath(for state: LoginState) -> String {
        switch state {
        case .anonymous: address("/login")
        case .identified: address("/login/password")
        case .enrolling: address("/totp/enable")
        case .verifying: address("/login/code")
        case .authenticated: pathOfLogin
        }
    }

    /// Where somebody goes who is logged in. The path of a destination has a query of its own.
    var pathOfLogin: String { destination.map { "\($0.login.path)&\($0.query.dropFirst())" } ?? "/home" }

    var nextPath: String { nextPath(for: state) }

    /// The address of a page of the login, which goes on to the same destination.
    func address(_ path: String) -> String { path + (destination?.query ?? "") }

    var origin: RequestOrigin {
        RequestOrigin(
            address: request.peerAddress, addressKey: request.addressKey,
            browser: request.headers["user-agent"] ?? "")
    }
}

/// A form came back without a token of ours for it, or too late.
struct FormExpiredError: Error {}

extension Portal {
    /// The names of the cookies. `__Host-` keeps other hosts and plain connections from setting them.
    enum CookieName {
        static let session = "__Host-pulih"
        static let ticket = "__Host-pulih-login"
        /// The number of the request that was sent last.
        static let request = "__Host-pulih-request"
    }

    private static let purpose = "login"

    /// Who a request comes from.
    /// - Parameter login: where a login leads, if the address of the page does not say so.
    func requestContext(
        _ request: Request, to login: LoginDestination? = nil,
        in transaction: any AccountReader & LoginReader & PolicyReader
    ) throws -> RequestContext {
        let now = clock.now()
        let destination =
            if let login { destination(login, as: services.destinations.text(login, at: now)) } else {
                destination(request, at: now)
            }
        var viewer = pages.viewer(request)
        if let destination {
            viewer.application = Viewer.Application(name: destination.application.name, query: destination.query)
            viewer.formTargets = destination.application.formTargets
        }
        let cookie = request.cookie(CookieName.session)
        let session = try cookie.flatMap { try services.sessions.session($0, in: transaction, at: now) }
        if let cookie, let session, destination?.login.accepts(session) ?? true,
            let account = try transaction.account(id: session.account)
        {
            let policy = Policy(rules: try transaction.policyRules())
            let state = LoginState(session, account, policy: policy, at: now, for: destination?.application)
            if state.isAuthenticated { viewer.userID = account.userID }
            return RequestContext(
                request: request, viewer: viewer, now: now, state: state,
                subject: Base64URL.encode(SessionToken(cookie)?.digest ?? []), hasExpiredSession: false,
                session: session, destination: destination)
        }
        let ticketText = request.cookie(CookieName.ticket)
        let ticket = ticketText.flatMap { services.tickets.ticket($0, at: now) }
        return RequestContext(
            request: request, viewer: viewer, now: now, state: ticket.map(LoginState.identified) ?? .anonymous,
            subject: ticket == nil ? "" : ticketText ?? "",
            hasExpiredSession: session == nil && cookie?.isEmpty == false, session: session, destination: destination)
    }

    /// Where the address of a page says that the login leads; nil also for an application that is configured no longer.
    private func destination(_ request: Request, at now: Instant) -> RequestContext.Destination? {
        guard let text = request.query.values(RequestContext.Destination.field).first,
            let login = services.destinations.destination(text, at: now)
        else { return nil }
        return destination(login, as: text)
    }

    private func destination(_ login: LoginDestination, as text: String) -> RequestContext.Destination? {
        settings.applications[login.application].map {
            RequestContext.Destination(application: $0, login: login, text: text)
        }
    }

    /// Answers a GET. When `body` has nothing to show to somebody who has come this far, and no further, it answers nil
    /// and they are sent where they can go on.
    func handleGet(_ request: Request, _ body: (RequestContext) throws -> Response?) -> Response {
        guarded(request) {
            let context = try store.read { try self.requestContext(request, in: $0) }
            try touch(context)
            return try body(context) ?? .redirect(to: context.nextPath)
        }
    }

    /// Answers a POST like `look` answers a GET; the form's token is `body`'s to check, with `requireToken`, once it
    /// knows that the form is open to this visitor.
    func handlePost(_ request: Request, _ body: (RequestContext, Fields) throws -> Response?) -> Response {
        guarded(request) {
            let context = try store.read { try self.requestContext(request, in: $0) }
            let fields = request.body.isEmpty ? Fields() : try request.form()
            try touch(context)
            return try body(context, fields) ?? .redirect(to: context.nextPath)
        }
    }

    func formToken(for context: RequestContext) -> String {
        forms.token(for: Self.purpose, subject: context.subject, at: context.now)
    }

    func requireFormToken(_ context: RequestContext, _ fields: Fields, allowAnonymous: Bool = false) throws {
        let token = try fields.optional("csrf") ?? ""
        let subject = allowAnonymous ? "" : context.subject
        guard forms.accepts(token, for: Self.purpose, subject: subject, at: context.now) else {
            throw FormExpiredError()
        }
    }

    static func sessionCookie(_ token: SessionToken) -> Cookie { Cookie(CookieName.session, token.text) }

    /// Notes that the session is in use.
    private func touch(_ context: RequestContext) throws {
        if let session = context.session { try touch(session, at: context.now) }
    }

    /// - Returns: whether it was due.
    @discardableResult
    func touch(_ session: LoginSession, at now: Instant) throws -> Bool {
        guard services.sessions.isTouchDue(session, at: now) else { return false }
        try store.write { try $0.touch(session: session.id, at: now) }
        return true
    }
}

extension LoginState {
    var session: LoginSession? {
        switch self {
        case .anonymous, .identified: nil
        case .enrolling(let session, _), .verifying(let session, _), .authenticated(let session, _): session
        }
    }

    var account: Account? {
        switch self {
        case .anonymous, .identified: nil
        case .enrolling(_, let account), .verifying(_, let account), .authenticated(_, let account): account
        }
    }
}
