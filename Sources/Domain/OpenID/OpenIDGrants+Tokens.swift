import Cryptography

/// Trading codes and refresh tokens for tokens.
extension OpenIDGrants {
    package struct IssuedTokens: Sendable, Equatable {
        package let access: SessionToken
        package let refresh: SessionToken
        package let identity: Identity
        /// Whether a login begins with them; otherwise they follow others.
        package let isFirst: Bool
    }

    package enum Outcome: Sendable, Equatable {
        case issued(IssuedTokens)
        case refused(Refusal)
    }

    /// Why there are no tokens; each of these is `invalid_grant` (RFC 6749, section 5.2). The text is for the log.
    package enum Refusal: String, Sendable, Equatable {
        /// Never given out, or what it belonged to is gone.
        case unknown
        case expired
        /// Used before. All that it brought has ended now.
        case reused
        /// Something of the same login was misused or revoked before.
        case ended
        /// Given to another client. It is worth nothing any more.
        case otherClient = "other-client"
        case otherRedirect = "other-redirect"
        case wrongVerifier = "wrong-verifier"
        /// The login at the portal is over, or not enough for the application any more.
        case noLogin = "no-login"

        /// For the developer of a client.
        package var sentence: String {
            switch self {
            case .unknown: "there is none such, or the login that it came from is over"
            case .expired: "it came too late"
            case .reused: "it was used before; all tokens of this login have ended"
            case .ended: "the login that it came from was revoked"
            case .otherClient: "it was given to another client"
            case .otherRedirect: "redirect_uri is not that of the authorization request"
            case .wrongVerifier: "code_verifier does not belong to the code_challenge"
            case .noLogin: "the login at the portal is over, or no longer enough"
            }
        }
    }

    /// Trades a code for tokens. Whatever is wrong with who brings it, the code is dead afterwards.
    package func redeem(
        _ code: String, verifier: String, redirectURI: String?, by application: Application,
        in transaction: any Transaction, at now: Instant, from address: String
    ) throws -> Outcome {
        guard let digest = SessionToken(code)?.digest, let grant = try transaction.grant(code: digest) else {
            return .refused(.unknown)
        }
        if let refusal = refusal(of: grant, verifier, redirectURI, application, at: now) {
            return try refuse(refusal, grant, by: application, in: transaction, at: now, from: address)
        }
        guard let identity = try livingIdentity(grant, application, in: transaction, at: now) else {
            return try refuse(.noLogin, grant, by: application, in: transaction, at: now, from: address)
        }
        guard try transaction.spendCode(grant: grant.id, at: now) else {
            return try refuse(.reused, grant, by: application, in: transaction, at: now, from: address)
        }
        transaction.countLogin(to: application.id, at: now)
        return try issue(identity, by: application, isFirst: true, in: transaction, at: now, from: address)
    }

    /// Trades a refresh token for new tokens. It counts as a use of the session at the portal.
    /// - Parameter scopes: what the client wants to have of its scopes from now on; nil for all.
    package func refresh(
        _ text: String, by application: Application, in transaction: any Transaction, at now: Instant,
        from address: String
    ) throws -> Outcome {
        guard let digest = SessionToken(text)?.digest, let token = try transaction.token(digest: digest),
            token.kind == .refresh, let grant = try transaction.grant(id: token.grant)
        else { return .refused(.unknown) }
        let refusal: Refusal? =
            if grant.application != application.id {
                .otherClient
            } else if grant.endedAt != nil {
                .ended
            } else if token.usedAt != nil {
                .reused
            } else {
                now < token.expiresAt ? nil : .expired
            }
        if let refusal {
            return try refuse(refusal, grant, by: application, in: transaction, at: now, from: address)
        }
        guard let identity = try livingIdentity(grant, application, in: transaction, at: now) else {
            return try refuse(.noLogin, grant, by: application, in: transaction, at: now, from: address)
        }
        guard try transaction.spendToken(digest: digest, at: now) else {
            return try refuse(.reused, grant, by: application, in: transaction, at: now, from: address)
        }
        if sessions.isTouchDue(identity.session, at: now) {
            try transaction.touch(session: identity.session.id, at: now)
        }
        return try issue(identity, by: application, isFirst: false, in: transaction, at: now, from: address)
    }

    /// Ends what a client does not need any more (RFC 7009): with a refresh token all that belongs to it, with an access token
    /// that alone. What is no token is none afterwards either.
    /// - Returns: false for a token of another client, which stays.
    package func revoke(
        _ text: String, by application: Application, in transaction: any Transaction, at now: Instant,
        from address: String
    ) throws -> Bool {
        guard let digest = SessionToken(text)?.digest, let token = try transaction.token(digest: digest),
            let grant = try transaction.grant(id: token.grant)
        else { return true }
        guard grant.application == application.id else { return false }
        switch token.kind {
        case .access: try transaction.deleteToken(digest: digest)
        case .refresh: try transaction.end(grant: grant.id, at: now)
        }
        try append(
            .applicationTokenRevoked, grant, by: application, "\(token.kind.rawValue) token", in: transaction, at: now,
            from: address)
        return true
    }

    /// What is wrong with a code before its session is looked at.
    private func refusal(
        of grant: OpenIDGrant, _ verifier: String, _ redirectURI: String?, _ application: Application, at now: Instant
    ) -> Refusal? {
        if grant.application != application.id { return .otherClient }
        if grant.codeUsedAt != nil { return grant.endedAt == nil ? .reused : .ended }
        if grant.endedAt != nil { return .ended }
        guard now < grant.codeExpiresAt else { return .expired }
        guard let redirectURI, redirectURI.utf8.elementsEqual(grant.redirectURI.utf8) else { return .otherRedirect }
        return PKCE.accepts(verifier, for: grant.challenge) ? nil : .wrongVerifier
    }

    private func livingIdentity(
        _ grant: OpenIDGrant, _ application: Application, in transaction: any Transaction, at now: Instant
    ) throws -> Identity? {
        try person(grant.session, at: application, in: transaction, at: now)
            .flatMap { try identity($0, grant, in: transaction) }
    }

    private func issue(
        _ identity: Identity, by application: Application, isFirst: Bool, in transaction: any Transaction,
        at now: Instant, from address: String
    ) throws -> Outcome {
        let tokens = IssuedTokens(
            access: SessionToken(random: random), refresh: SessionToken(random: random), identity: identity,
            isFirst: isFirst)
        let grant = identity.grant.id
        try transaction.insert(
            OpenIDToken(grant: grant, kind: .access, expiresAt: now + Self.accessTokenLifetime),
            digest: tokens.access.digest)
        try transaction.insert(
            OpenIDToken(grant: grant, kind: .refresh, expiresAt: sessions.end(of: identity.session)),
            digest: tokens.refresh.digest)
        try transaction.append(
            AuditEvent(
                name: isFirst ? .applicationEntered : .applicationTokenIssued, at: now, actor: application.actor,
                subject: identity.account.userID, address: address, detail: application.id))
        return .issued(tokens)
    }

    /// Ends what a wrong use puts in doubt, and writes it down.
    private func refuse(
        _ refusal: Refusal, _ grant: OpenIDGrant, by application: Application, in transaction: any Transaction,
        at now: Instant, from address: String
    ) throws -> Outcome {
        let ends = refusal != .noLogin && refusal != .ended
        let hasEnded = ends ? try transaction.end(grant: grant.id, at: now) : false
        let detail = "\(refusal.rawValue), given to \(grant.application)\(hasEnded ? "; all it brought has ended" : "")"
        try append(
            refusal == .reused ? .applicationTokenReused : .applicationTokenRefused, grant, by: application, detail,
            in: transaction, at: now, from: address)
        return .refused(refusal)
    }

    private func append(
        _ name: AuditEvent.Name, _ grant: OpenIDGrant, by application: Application, _ detail: String,
        in transaction: any Transaction, at now: Instant, from address: String
    ) throws {
        let owner = try transaction.session(id: grant.session).flatMap { try transaction.account(id: $0.account) }
        try transaction.append(
            AuditEvent(
                name: name, at: now, actor: application.actor, subject: owner?.userID ?? "unknown", address: address,
                detail: detail))
    }
}
