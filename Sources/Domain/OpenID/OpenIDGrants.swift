package import Cryptography

/// Codes and tokens: what a login at the portal brings an application. Everything that changes runs in the caller's
/// transaction, refusals too, since some end what was granted before.
package struct OpenIDGrants: Sendable {
    package typealias Transaction = OpenIDWriter & ApplicationLoginWriter & LoginWriter & AccountReader & PolicyReader
        & AuditWriter

    /// How long a code may be on its way.
    package static let codeLifetime = TimeSpan.seconds(60)
    package static let accessTokenLifetime = TimeSpan.minutes(10)

    let sessions: SessionService
    let random: any RandomSource

    package init(sessions: SessionService, random: any RandomSource) {
        self.sessions = sessions
        self.random = random
    }

    /// Somebody who is logged in as far as an application needs.
    package struct Person: Sendable, Equatable {
        package let session: LoginSession
        package let account: Account
    }

    /// A code for somebody who is logged in; nil when that is no longer so.
    package func issueCode(
        for request: AuthorizationRequest, session: Int64, in transaction: any Transaction, at now: Instant,
        from address: String
    ) throws -> SessionToken? {
        let application = request.client.application
        guard let person = try person(session, at: application, in: transaction, at: now) else { return nil }
        if try transaction.subject(account: person.account.id) == nil {
            try transaction.setSubject(account: person.account.id, Base64URL.encode(random.bytes(16)))
        }
        let code = SessionToken(random: random)
        let grant = OpenIDGrant(
            session: session, application: application.id, scopes: request.scopes, nonce: request.nonce,
            factor: person.session.factor, authenticatedAt: person.session.startedAt,
            redirectURI: request.client.redirectURI, challenge: request.challenge,
            codeExpiresAt: now + Self.codeLifetime)
        try transaction.insert(
            grant, code: code.digest, tellsLogout: application.client?.logoutURI != nil)
        try transaction.append(
            AuditEvent(
                .applicationCodeIssued, of: person.account, at: now, from: address,
                "for \(application.id): \(Scope.text(request.scopes))"))
        return code
    }

    /// The owner of a session, if it lives and is enough for an application at this moment.
    package func person(
        _ session: Int64, at application: Application,
        in transaction: any LoginReader & AccountReader & PolicyReader, at now: Instant
    ) throws -> Person? {
        guard let session = try transaction.session(id: session), sessions.isAlive(session, at: now),
            let account = try transaction.account(id: session.account), application.covers(account.userType)
        else { return nil }
        let state = try LoginState(
            session, account, policy: Policy(rules: transaction.policyRules()), at: now, for: application)
        guard case .authenticated = state else { return nil }
        return Person(session: session, account: account)
    }

    /// What an access token says of its person.
    /// - Returns: nil when it is none, or nothing that it stands for is left.
    package func access(
        _ text: String, applications: [String: Application],
        in transaction: any OpenIDReader & LoginReader & AccountReader & PolicyReader, at now: Instant
    ) throws -> Identity? {
        guard let digest = SessionToken(text)?.digest, let token = try transaction.token(digest: digest),
            token.kind == .access, now < token.expiresAt, let grant = try transaction.grant(id: token.grant),
            grant.endedAt == nil, let application = applications[grant.application],
            let person = try person(grant.session, at: application, in: transaction, at: now)
        else { return nil }
        return try identity(person, grant, in: transaction)
    }

    func identity(_ person: Person, _ grant: OpenIDGrant, in transaction: any OpenIDReader) throws -> Identity? {
        try transaction.subject(account: person.account.id).map {
            Identity(subject: $0, person: person, grant: grant)
        }
    }
}

/// Somebody as an application knows them, by one of its grants.
package struct Identity: Sendable, Equatable {
    /// Opaque, the same for all applications, and never another's.
    package let subject: String
    package let person: OpenIDGrants.Person
    package let grant: OpenIDGrant

    package var account: Account { person.account }
    package var session: LoginSession { person.session }
}
