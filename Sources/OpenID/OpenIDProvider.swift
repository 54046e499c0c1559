package import Domain
package import HTTPServer
import JSON

// OpenID: what applications that log in with Pulih call by machine (OpenID Connect Core 1.0): discovery, keys, tokens, the
// facts about a person, revocation. The rules are in Domain; the pages that people see on the way are the portal's. Begin
// here, then `TokenEndpoint`.

/// Answers applications that log in with us.
package struct OpenIDProvider: Sendable {
    let issuer: String
    let store: any Store
    let grants: OpenIDGrants
    let clients: ClientAuthentication
    let tokens: IDTokens
    let clock: any Clock
    let logger: any Logger

    package init(
        tokens: IDTokens, store: any Store, grants: OpenIDGrants, clients: ClientAuthentication, clock: any Clock,
        logger: any Logger
    ) {
        issuer = tokens.issuer
        self.tokens = tokens
        self.store = store
        self.grants = grants
        self.clients = clients
        self.clock = clock
        self.logger = logger
    }

    /// Paths below the issuer.
    enum Path {
        static let discovery = "/.well-known/openid-configuration"
        static let keys = "/oauth2/jwks"
        static let token = "/oauth2/token"
        static let userInfo = "/oauth2/userinfo"
        static let revocation = "/oauth2/revoke"

        static let all: Set = [discovery, keys, token, userInfo, revocation]
    }

    /// Whether an address is one of ours; the others on the same host are the portal's.
    package func hasAddress(_ request: Request) -> Bool { Path.all.contains(request.path) }

    /// Whether the answer takes a signature, which is half a millisecond; those that are handed over also share a commit
    /// with more of their kind.
    package func takesLong(_ request: Request) -> Bool { request.method == .post && request.path == Path.token }

    /// The answer to a request for one of our addresses.
    package var responder: @Sendable (Request) -> Response {
        let router = router
        return { request in
            // Browsers ask beforehand whether a page of another origin may call (Fetch Standard, section 3.2).
            let isPreflight = request.method == .other("OPTIONS")
            var response = isPreflight ? Response(status: 204) : router.answer(request)
            response.setMissing(isPreflight ? Self.preflightHeaders : Self.headers)
            return response
        }
    }

    private static let headers = Headers(
        commonHeaders + [Field(name: "Access-Control-Expose-Headers", value: "WWW-Authenticate")])
    private static let preflightHeaders = Headers(
        commonHeaders + [
            Field(name: "Access-Control-Allow-Methods", value: "GET, POST"),
            Field(name: "Access-Control-Allow-Headers", value: "Authorization, Content-Type"),
            Field(name: "Access-Control-Max-Age", value: "3600"),
        ])
    private static let commonHeaders = [
        Field(name: "Access-Control-Allow-Origin", value: "*"),
        Field(name: "X-Content-Type-Options", value: "nosniff"), Field(name: "Cache-Control", value: "no-store"),
    ]

    private var router: Router {
        var router = Router { status, _ in
            OAuthError(.invalidRequest, "no such request is taken here", status: status).response
        }
        let discovery = Published(discoveryDocument.text())
        router.get(Path.discovery) { request, _ in discovery.response(to: request) }
        router.get(Path.keys) { request, _ in Published(tokens.keySet(at: clock.now())).response(to: request) }
        router.post(Path.token) { request, _ in answer(request, answerToken) }
        router.post(Path.revocation) { request, _ in answer(request, answerRevocation) }
        router.get(Path.userInfo) { request, _ in answer(request, answerUserInfo) }
        router.post(Path.userInfo) { request, _ in answer(request, answerUserInfo) }
        return router
    }

    private func answer(_ request: Request, _ body: (Request) throws -> Response) -> Response {
        do {
            return try body(request)
        } catch let error as OAuthError {
            logger.log(
                .info, "openid.refused",
                [
                    "path": request.path, "error": error.code.rawValue, "reason": error.description,
                    "address": request.peerAddress,
                ])
            return error.response
        } catch let error as RequestError {
            return OAuthError(.invalidRequest, "the request cannot be read", status: error.status).response
        } catch let error as StoreError {
            logger.log(error)
            return OAuthError(.temporarilyUnavailable, "try again in a moment", status: 503).response
        } catch {
            logger.log(.error, "openid.failed", ["path": request.path, "detail": "\(error)"])
            return OAuthError(.serverError, "it is in the log", status: 500).response
        }
    }

    /// The fields of a form.
    func parameters(_ request: Request) throws -> ProtocolParameters {
        let parameters = ProtocolParameters(try request.form().pairs.map { ($0.name, $0.value) })
        if parameters.repeated != nil { throw OAuthError(.invalidRequest, "a parameter comes twice") }
        return parameters
    }
}
