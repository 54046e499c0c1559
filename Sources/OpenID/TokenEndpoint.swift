import Domain
import HTTPServer
import JSON

/// `/oauth2/token` (RFC 6749, section 3.2) and `/oauth2/revoke` (RFC 7009).
extension OpenIDProvider {
    func answerToken(_ request: Request) throws -> Response {
        let parameters = try parameters(request)
        let application = try client(request, parameters)
        let (grants, now, address) = (grants, clock.now(), request.peerAddress)
        let outcome: OpenIDGrants.Outcome
        switch parameters["grant_type"] {
        case "authorization_code":
            let code = try Self.required("code", parameters)
            let verifier = try Self.required("code_verifier", parameters)
            let redirectURI = parameters["redirect_uri"]
            outcome = try store.write { transaction in
                try grants.redeem(
                    code, verifier: verifier, redirectURI: redirectURI, by: application, in: transaction, at: now,
                    from: address)
            }
        case "refresh_token":
            let token = try Self.required("refresh_token", parameters)
            outcome = try store.write { transaction in
                try grants.refresh(token, by: application, in: transaction, at: now, from: address)
            }
        case nil: throw OAuthError(.invalidRequest, "grant_type is missing")
        default:
            throw OAuthError(.unsupportedGrantType, "grant_type can be authorization_code or refresh_token")
        }
        switch outcome {
        case .issued(let issued):
            logger.log(
                .info, issued.isFirst ? "openid.login" : "openid.refresh",
                ["application": application.id, "account": issued.identity.account.userID, "address": address])
            return answer(issued, for: application, at: now)
        case .refused(let refusal):
            if refusal == .unknown { try auditUnknown(request, from: application, at: now) }
            logger.log(
                .warning, "openid.grant-refused",
                ["application": application.id, "reason": refusal.rawValue, "address": address])
            throw OAuthError(.invalidGrant, refusal.sentence)
        }
    }

    func answerRevocation(_ request: Request) throws -> Response {
        let parameters = try parameters(request)
        let application = try client(request, parameters)
        let token = try Self.required("token", parameters)
        let (grants, now, address) = (grants, clock.now(), request.peerAddress)
        let isOwn = try store.write { transaction in
            try grants.revoke(token, by: application, in: transaction, at: now, from: address)
        }
        guard isOwn else { throw OAuthError(.invalidGrant, OpenIDGrants.Refusal.otherClient.sentence) }
        return Response(status: 200)
    }

    /// What belongs to no login leaves nothing behind that counts; of one address so many an hour are audited.
    private func auditUnknown(_ request: Request, from application: Application, at now: Instant) throws {
        let limitKey = "grant:\(request.addressKey)"
        let hits = try store.read { try $0.rateLimitHits(from: limitKey, since: now - .hours(1)) }
        guard hits < ClientAuthentication.maximumPerAddress else { return }
        let event = AuditEvent(
            name: .applicationTokenRefused, at: now, actor: application.actor, subject: "unknown",
            address: request.peerAddress, detail: OpenIDGrants.Refusal.unknown.rawValue)
        try store.write { transaction in
            try transaction.recordRateLimitHit(from: limitKey, at: now)
            try transaction.append(event)
        }
    }

    private func answer(_ issued: OpenIDGrants.IssuedTokens, for application: Application, at now: Instant) -> Response
    {
        let content: JSONTree = [
            "access_token": .text(issued.access.text), "token_type": "Bearer",
            "expires_in": .number(OpenIDGrants.accessTokenLifetime.seconds),
            "refresh_token": .text(issued.refresh.text),
            "scope": .text(Scope.text(issued.identity.grant.scopes)),
            "id_token": .text(tokens.idToken(issued, for: application, at: now)),
        ]
        var response = Response.json(content.text())
        response.set("Pragma", "no-cache")
        return response
    }

    private static func required(_ name: String, _ parameters: ProtocolParameters) throws -> String {
        guard let value = parameters[name] else { throw OAuthError(.invalidRequest, "\(name) is missing") }
        return value
    }
}
