import Domain
import HTTPServer
import Pages

/// `/oauth2/authorize` (OpenID Connect Core 1.0, section 3.1.2): an application sends somebody to log in.
extension Portal {
    func addAuthorization(to router: inout Router, _ openID: OpenIDServices) {
        router.get(AuthorizationRequest.path) { request, _ in
            guarded(request) { try authorize(request, openID) }
        }
        router.post(AuthorizationRequest.path) { request, _ in repeatAsGet(request, AuthorizationRequest.path) }
    }

    private func authorize(_ request: Request, _ openID: OpenIDServices) throws -> Response {
        let parameters = ProtocolParameters(asked(request))
        let client: AuthorizationClient
        do throws(UntrustedRequest) {
            client = try AuthorizationClient(parameters, among: settings.applications)
        } catch {
            return try refuse(error, request)
        }
        do {
            let asked = try AuthorizationRequest(parameters, from: client)
            return try answer(asked, request, openID)
        } catch let error as AuthorizationError {
            return try refuse(error, client, request, openID)
        }
    }

    /// Sends on who is logged in, and to the login who is not.
    private func answer(_ asked: AuthorizationRequest, _ request: Request, _ openID: OpenIDServices) throws -> Response
    {
        let (now, application) = (clock.now(), asked.client.application)
        // Back from the login that this very request led to.
        let begun = request.query.values(RequestContext.Destination.field).first
            .flatMap { services.destinations.destination($0, at: now) }
            .flatMap { $0.application == application.id && $0.path == asked.address ? $0 : nil }
        let since = begun == nil ? asked.loginSince(now) : begun?.loginSince
        var context = try self.context(request, asked, since: since)
        if let hint = try asked.idTokenHint.map({ try subject(of: $0, asked, openID) }),
            let account = context.state.account,
            try store.read({ try $0.subject(account: account.id) }) != hint
        {
            guard begun == nil else {
                throw AuthorizationError(.loginRequired, "somebody else logged in than id_token_hint names")
            }
            context = try self.context(request, asked, since: now)
        }
        guard case .authenticated(let session, let account) = context.state else {
            return try sendToLogin(asked, context)
        }
        guard application.covers(account.userType) else { return try refuse(account, asked, context, openID) }
        try touch(session, at: now)
        let (grants, address) = (openID.grants, request.peerAddress)
        let code = try store.write { transaction in
            try grants.issueCode(for: asked, session: session.id, in: transaction, at: now, from: address)
        }
        // The session ended, or the policy changed, between two glances.
        guard let code else { return try sendToLogin(asked, self.context(request, asked, since: since)) }
        logger.log(
            .info, "openid.code", ["application": application.id, "account": account.userID, "address": address])
        return .redirect(to: asked.client.address([("code", code.text)], issuer: openID.issuer))
    }

    private func context(
        _ request: Request, _ asked: AuthorizationRequest, since: Instant?
    ) throws -> RequestContext {
        let login = LoginDestination(
            application: asked.client.application.id, path: asked.address, loginSince: since)
        return try store.read { try requestContext(request, to: login, in: $0) }
    }

    /// Whom a hint names.
    private func subject(
        of hint: String, _ asked: AuthorizationRequest, _ openID: OpenIDServices
    ) throws(AuthorizationError) -> String {
        guard let hint = openID.tokens.hint(hint, at: clock.now()), hint.audience == asked.client.application.id else {
            throw AuthorizationError(.invalidRequest, "id_token_hint is no ID token that this client got here")
        }
        return hint.subject
    }

    private func sendToLogin(_ asked: AuthorizationRequest, _ context: RequestContext) throws -> Response {
        guard !asked.isSilent else {
            throw switch context.state {
            case .enrolling: AuthorizationError(.interactionRequired, "TOTP is to be activated first")
            default: AuthorizationError(.loginRequired, "nobody is logged in as far as this application needs")
            }
        }
        // What the person chose at the portal counts more than what the application guesses.
        let language = context.request.cookies.values(Viewer.cookie).isEmpty ? asked.languages.first : nil
        return .redirect(to: context.nextPath + (language.map { "&lang=\($0.rawValue)" } ?? ""))
    }

    // MARK: - Refusals

    private func refuse(
        _ error: AuthorizationError, _ client: AuthorizationClient, _ request: Request, _ openID: OpenIDServices
    ) throws -> Response {
        // That nobody is logged in is no more than an answer.
        if error.code != .loginRequired, error.code != .interactionRequired {
            try auditRefusal(of: client.application, "\(error.code.rawValue): \(error.description)", request)
        }
        return .redirect(to: client.address(error, issuer: openID.issuer))
    }

    /// Nobody may be sent to an address that is not proven to be the client's: the person reads what is wrong.
    private func refuse(_ error: UntrustedRequest, _ request: Request) throws -> Response {
        try auditRefusal(of: nil, error.rawValue, request)
        return drawOpenID(error == .unknownClient ? .unknownClient : .foreignRedirect, for: request)
    }

    /// The user type has nothing to do there. A way back tells the application so.
    private func refuse(
        _ account: Account, _ asked: AuthorizationRequest, _ context: RequestContext, _ openID: OpenIDServices
    ) throws -> Response {
        let application = asked.client.application
        let error = AuthorizationError(.accessDenied, "the user type of this account has nothing to do here")
        try auditRefusal(of: application, "user type \(account.userType)", context.request, account)
        let address = asked.client.address(error, issuer: openID.issuer)
        guard !asked.isSilent else { return .redirect(to: address) }
        return drawOpenID(.notCovered, for: context.request, application, account, back: address)
    }
}

extension Portal {
    /// The fields of an application's request; `next` and `lang` are ours.
    func asked(_ request: Request) -> [ProtocolParameters.Pair] {
        request.query.pairs.filter { ![RequestContext.Destination.field, "lang"].contains($0.name) }
            .map { ($0.name, $0.value) }
    }

    /// A form that another site sent comes without our cookies, so the browser asks again with an address.
    func repeatAsGet(_ request: Request, _ path: String) -> Response {
        do throws(RequestError) {
            let pairs = try request.form().pairs.map { ($0.name, $0.value as String?) }
            let target = RedirectURI.adding(pairs, to: path)
            // As much as any request line may have.
            return target.utf8.count <= 8000 ? .redirect(to: target) : errorPage(status: 413, request)
        } catch {
            return errorPage(status: error.status, request)
        }
    }
}
