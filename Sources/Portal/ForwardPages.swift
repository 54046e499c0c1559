import Cryptography
import Domain
import HTTPServer
import Mustache
import Pages

/// `/.pulih/` on the hosts of applications: whether a request is let in, and the way to the portal's login and back.
extension Portal {
    /// The names of the cookies on an application's host.
    private enum HostCookie {
        static let login = "__Host-pulih-application"
        /// Ties the way back to the browser that set out.
        static let start = "__Host-pulih-start"
    }

    /// Where an application's host sends browsers at the portal.
    static let enterPath = "/login/application"

    /// How long somebody may take to log in before they have to set out again.
    private static let startSeconds = Int(LoginDestinations.lifetime.milliseconds / 1000)

    func addForwardAuth(to router: inout Router) {
        // Closures: a method handed over as a value would copy the portal for each request.
        // For the proxy, which hands nothing of it on; the pages among the refusals have their own headers.
        router.get("/.pulih/verify", isFinished: false) { request, _ in atHost(request) { try verify($0, $1) } }
        router.get("/.pulih/start") { request, _ in atHost(request) { try start($0, $1) } }
        router.get("/.pulih/callback") { request, _ in atHost(request) { try finish($0, $1) } }
        router.get("/.pulih/logout") { request, _ in atHost(request) { try showHostLogout($0, $1) } }
        router.post("/.pulih/logout") { request, _ in atHost(request) { try submitHostLogout($0, $1) } }
        router.get(Self.enterPath) { request, _ in guarded(request) { try enterApplication(request) } }
    }

    private func atHost(_ request: Request, _ body: (Request, ApplicationHost) throws -> Response) -> Response {
        guarded(request) {
            guard let host = request.headers["Host"].flatMap(services.forward.host) else {
                logger.log(
                    .warning, "forward.unknown-host", ["host": String((request.headers["Host"] ?? "").prefix(80))])
                return pages.draw(.forbidden, for: request)
            }
            return try body(request, host)
        }
    }

    // MARK: - Whether a request is let in

    private func verify(_ request: Request, _ host: ApplicationHost) throws -> Response {
        let now = clock.now()
        let token = request.cookie(HostCookie.login) ?? ""
        if let visitor = try visitors.unchanged(token, at: host.name, now: now) {
            return try letIn(visitor, token, now)
        }
        let forward = services.forward
        let decision = try store.read { transaction in
            try visitors.decision(
                token, at: host.name, in: transaction, now: now, answer: Self.answer
            ) {
                let decision = try forward.decide(token, at: host, in: transaction, at: now)
                return (decision, forward.isLasting(decision, at: host.application))
            }
        }
        let refusal: ForwardAuth.Decision
        switch decision {
        case .allowed(let visitor): return try letIn(visitor, token, now)
        case .other(let other): refusal = other
        }
        let asked = ForwardRequest(request)
        switch refusal {
        case _ where RequestPath.isCovered(asked.target, by: host.application.publicPaths): return Response(status: 200)
        case .forbidden(let login): return forbidden(request, host, login.account, wantsPage: asked.wantsPage)
        case .anonymous, .allowed: return unauthorized(request, host, asked)
        }
    }

    private func letIn(_ visitor: VisitorMemory.Visitor, _ token: String, _ now: Instant) throws -> Response {
        if try touch(visitor.login.session, at: now) { visitors.touch(token, at: now) }
        return visitor.answer
    }

    private static func answer(_ login: ApplicationLogin) -> Response {
        var response = Response(status: 200)
        response.set("Remote-User", login.account.userID)
        response.set("Remote-Email", login.account.email)
        response.set("Remote-Groups", login.account.userType)
        response.set("X-Pulih-Factor", login.session.factor.isSecond ? login.session.factor.rawValue : "password")
        return response
    }

    /// A page load is sent to log in. What else came, a form say, is not kept: its sender is told so.
    private func unauthorized(_ request: Request, _ host: ApplicationHost, _ asked: ForwardRequest) -> Response {
        let target = ReturnTarget.path(asked.target, at: host.name) ?? "/"
        guard asked.wantsPage else { return Response(status: 401) }
        let isForm = !["GET", "HEAD"].contains(asked.method)
        // A form's own address may have no page: back to the one that it stood on.
        let back = isForm ? request.headers["Referer"].flatMap { ReturnTarget.path($0, at: host.name) } ?? "/" : target
        var response = draw(
            isForm ? .formLost : .ended, of: host.application, for: request,
            next: (host.startAddress(back), "application.login"))
        if asked.isPageLoad { response.set("Location", host.startAddress(target)) }
        return response
    }

    private func forbidden(_ request: Request, _ host: ApplicationHost, _ account: Account, wantsPage: Bool) -> Response
    {
        logger.log(.info, "forward.forbidden", ["account": account.userID, "application": host.application.id])
        guard wantsPage else { return Response(status: 403) }
        return draw(
            .forbidden, of: host.application, for: request,
            next: ("\(host.origin)/.pulih/logout", "application.other"), account)
    }

    // MARK: - To the login and back

    private func start(_ request: Request, _ host: ApplicationHost) throws -> Response {
        guard let target = ReturnTarget.path(try request.query.optional("rd") ?? "/", at: host.name) else {
            logger.log(.warning, "forward.foreign-target", ["application": host.application.id])
            return draw(
                .foreign, of: host.application, for: request, next: (host.startAddress("/"), "application.login"))
        }
        // Two tabs that set out together share what ties them to this browser.
        let secret =
            request.cookie(HostCookie.start).flatMap(SessionToken.init) ?? SessionToken(random: random)
        let fields: [(name: String, value: String?)] = [
            ("id", host.application.id), ("host", host.name), ("rd", target),
            ("browser", Base64URL.encode(secret.digest)),
        ]
        var response = Response.redirect(to: RedirectURI.adding(fields, to: "\(settings.site)\(Self.enterPath)"))
        response.set(Cookie(HostCookie.start, secret.text, maxAge: Self.startSeconds))
        return response
    }

    /// At the portal: gives a code to who is logged in, and lets everyone else log in first.
    private func enterApplication(_ request: Request) throws -> Response {
        let query = request.query
        guard let id = try query.optional("id"), let application = settings.applications[id],
            let host = try query.optional("host").flatMap(services.forward.host), host.application.id == id,
            let target = try query.optional("rd").flatMap({ ReturnTarget.path($0, at: host.name) }),
            let browser = try query.optional("browser").flatMap(Base64URL.decode), browser.count == 32
        else { return pages.draw(.badRequest, for: request) }
        let fields: [(name: String, value: String?)] = [
            ("id", id), ("host", host.name), ("rd", target), ("browser", Base64URL.encode(browser)),
        ]
        let login = LoginDestination(application: id, path: RedirectURI.adding(fields, to: Self.enterPath))
        let context = try store.read { try self.requestContext(request, to: login, in: $0) }
        guard case .authenticated(let session, let account) = context.state else {
            return .redirect(to: context.nextPath)
        }
        guard application.covers(account.userType) else {
            try auditRefusal(of: application, "user type \(account.userType)", request, account)
            return draw(
                .forbidden, of: application, for: request, next: ("\(settings.site)/home", "next.member"), account)
        }
        let now = context.now
        let code = try store.write {
            try services.forward.issueCode(
                for: session, to: host, browser: browser, target: target, in: $0, at: now)
        }
        return .redirect(to: "\(host.origin)/.pulih/callback?code=\(code.text)")
    }

    private func finish(_ request: Request, _ host: ApplicationHost) throws -> Response {
        let code = try request.query.optional("code") ?? ""
        let browser = request.cookie(HostCookie.start).flatMap(SessionToken.init)?.digest ?? []
        let (now, address) = (clock.now(), request.peerAddress)
        let application = host.application
        let outcome = try store.write { transaction in
            let outcome = try services.forward.redeem(
                code, at: host, browser: browser, in: transaction, at: now)
            if case .entered(_, let login, _) = outcome {
                try transaction.append(
                    AuditEvent(.applicationEntered, of: login.account, at: now, from: address, application.id))
                transaction.countLogin(to: application.id, at: now)
            }
            return outcome
        }
        switch outcome {
        case .entered(let token, let login, let target):
            logger.log(
                .info, "forward.entered",
                ["account": login.account.userID, "application": application.id, "address": address])
            var response = Response.redirect(to: host.origin + target)
            response.set(Cookie(HostCookie.login, token.text))
            return response
        case .refused(let refusal):
            try auditRefusal(of: application, "code: \(refusal.rawValue)", request)
            return draw(
                .refused, of: application, for: request, next: (host.startAddress("/"), "application.login"))
        }
    }

    // MARK: - The end

    /// A link of the application's own ends the login at once; from elsewhere it takes a button.
    private func showHostLogout(_ request: Request, _ host: ApplicationHost) throws -> Response {
        guard let login = try login(request, host) else { return .redirect(to: "\(settings.site)/") }
        if request.headers["Sec-Fetch-Site"] == "same-origin" { return try endLogin(login, request) }
        return draw(
            .logout, of: host.application, for: request, next: ("\(host.origin)/", "application.back"), login.account,
            action: "\(host.origin)/.pulih/logout")
    }

    private func submitHostLogout(_ request: Request, _ host: ApplicationHost) throws -> Response {
        guard let login = try login(request, host) else { return .redirect(to: "\(settings.site)/") }
        return try endLogin(login, request)
    }

    private func login(_ request: Request, _ host: ApplicationHost) throws -> ApplicationLogin? {
        let token = request.cookie(HostCookie.login)
        let decision = try store.read {
            try services.forward.decide(token, at: host, in: $0, at: clock.now())
        }
        return switch decision {
        case .allowed(let login), .forbidden(let login): login
        case .anonymous: nil
        }
    }

    /// Ends the login at the portal, and with it that at every application.
    private func endLogin(_ login: ApplicationLogin, _ request: Request) throws -> Response {
        try end(login.session, of: login.account, from: request.peerAddress, at: clock.now())
        var response = Response.redirect(to: "\(settings.site)/")
        response.set(Cookie.removing(HostCookie.login))
        return response
    }
}

extension ApplicationHost {
    /// The address that begins a login and ends at `target`.
    fileprivate func startAddress(_ target: String) -> String {
        "\(origin)/.pulih/start?rd=\(PercentEncoding.encode(target))"
    }
}
