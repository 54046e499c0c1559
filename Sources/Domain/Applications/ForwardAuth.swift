package import Cryptography

/// Logins at the hosts of applications whose proxy asks us who is let in. Everything that changes runs in the caller's
/// transaction.
package struct ForwardAuth: Sendable {
    /// What a request at a host may.
    package enum Decision: Sendable, Equatable {
        case allowed(ApplicationLogin)
        /// Nobody is logged in there, or not as far as the application needs.
        case anonymous
        /// Logged in, as somebody of a user type that has nothing to do there.
        case forbidden(ApplicationLogin)
    }

    /// Why a code brings no login.
    package enum Refusal: String, Sendable, Equatable {
        /// Never given out, spent before, or its session has ended.
        case unknown
        case expired
        /// Given out for another host.
        case otherHost = "other-host"
        /// Brought by another browser than the one that asked for it.
        case otherBrowser = "other-browser"
        /// The login is not, or no longer, enough for this application.
        case insufficient
    }

    package enum Outcome: Sendable, Equatable {
        case entered(SessionToken, ApplicationLogin, target: String)
        case refused(Refusal)
    }

    /// How long a code may be on its way.
    package static let codeLifetime = TimeSpan.seconds(60)

    private let hosts: [String: ApplicationHost]
    private let sessions: SessionService
    private let random: any RandomSource

    package init(applications: [Application], sessions: SessionService, random: any RandomSource) {
        let hosts = applications.flatMap { application in
            application.hosts.map { ($0, ApplicationHost($0, of: application)) }
        }
        self.hosts = Dictionary(hosts) { $1 }
        self.sessions = sessions
        self.random = random
    }

    /// The host of an application by its name, as a Host header has it.
    package func host(named name: String) -> ApplicationHost? { hosts[name] ?? hosts[name.lowercased()] }

    /// What a request at a host of an application may.
    /// - Parameter token: what its cookie says; nil without one.
    package func decide(
        _ token: String?, at host: ApplicationHost, in transaction: any ApplicationLoginReader & PolicyReader,
        at now: Instant
    ) throws -> Decision {
        let application = host.application
        guard let token = token.flatMap(SessionToken.init),
            let login = try transaction.applicationLogin(digest: token.digest),
            login.application == application.id, login.host == host.name,
            try isSufficient(login.session, login.account, application, in: transaction, at: now)
        else { return .anonymous }
        return application.covers(login.account.userType) ? .allowed(login) : .forbidden(login)
    }

    /// Whether who was let in will be, for as long as the session lives and none of what it rests on is noted as changed. What a
    /// password alone lets in is the policy's to say, at each moment.
    package func isLasting(_ decision: Decision, at application: Application) -> Bool {
        guard case .allowed(let login) = decision else { return false }
        return login.session.factor.isSecond || application.factor != nil
    }

    /// A code for somebody who is logged in at the portal and on the way to a host.
    /// - Parameter browser: SHA-256 of what the cookie of the browser that asked says.
    package func issueCode(
        for session: LoginSession, to host: ApplicationHost, browser: [UInt8], target: String,
        in transaction: any ApplicationLoginWriter, at now: Instant
    ) throws -> SessionToken {
        let code = SessionToken(random: random)
        try transaction.insert(
            code: ApplicationCode(
                session: session.id, application: host.application.id, host: host.name, browser: browser,
                target: target, expiresAt: now + Self.codeLifetime), digest: code.digest)
        return code
    }

    /// Trades a code for a login at its host. Whatever is wrong with who brings it, the code is spent.
    package func redeem(
        _ code: String, at host: ApplicationHost, browser: [UInt8],
        in transaction: any ApplicationLoginWriter & LoginReader & AccountReader & PolicyReader, at now: Instant
    ) throws -> Outcome {
        let application = host.application
        guard let code = SessionToken(code), let known = try transaction.spendApplicationCode(digest: code.digest),
            let session = try transaction.session(id: known.session),
            let account = try transaction.account(id: session.account)
        else { return .refused(.unknown) }
        guard known.application == application.id, known.host == host.name else {
            return .refused(.otherHost)
        }
        guard constantTimeEqual(known.browser, browser) else { return .refused(.otherBrowser) }
        guard now < known.expiresAt else { return .refused(.expired) }
        guard application.covers(account.userType),
            try isSufficient(session, account, application, in: transaction, at: now)
        else { return .refused(.insufficient) }
        let token = SessionToken(random: random)
        try transaction.insertApplicationLogin(
            application: application.id, host: known.host, session: session.id, digest: token.digest, at: now)
        let login = ApplicationLogin(
            application: application.id, host: known.host, session: session, account: account)
        return .entered(token, login, target: known.target)
    }

    /// Whether a login at the portal is enough for an application at this moment.
    private func isSufficient(
        _ session: LoginSession, _ account: Account, _ application: Application, in transaction: any PolicyReader,
        at now: Instant
    ) throws -> Bool {
        guard sessions.isAlive(session, at: now) else { return false }
        let state = try LoginState(
            session, account, policy: Policy(rules: transaction.policyRules()), at: now, for: application)
        guard case .authenticated = state else { return false }
        return true
    }
}
