/// How far a visitor has come, and so which pages are open to them.
package enum LoginState: Sendable, Equatable {
    /// Nobody we know.
    case anonymous
    /// Claims a User ID; no password yet.
    case identified(ClaimedIdentity)
    /// Gave the password; the policy wants TOTP and the account has none: the one way on is to activate it.
    case enrolling(LoginSession, Account)
    /// Gave the password; a code is asked for.
    case verifying(LoginSession, Account)
    /// Logged in.
    case authenticated(LoginSession, Account)

    /// What a session is worth under the policy of this moment. A session that a password alone opened while the policy
    /// was off is asked for the code as soon as it is on.
    /// - Parameters:
    ///   - policy: asked only where it decides: a second factor is enough under every policy.
    ///   - application: which they log in to, and which may ask for more or less; nil for the portal itself.
    package init(
        _ session: LoginSession, _ account: Account, policy: @autoclosure () throws -> Policy, at now: Instant,
        for application: Application? = nil
    ) rethrows {
        guard account.isActive else {
            self = .anonymous
            return
        }
        func requiresSecond() throws -> Bool {
            try application?.requiresSecondFactor(account.userType, policy: policy(), at: now)
                ?? policy().requiresTOTP(account.userType, at: now)
        }
        if try session.factor.isSecond || !requiresSecond() {
            self = .authenticated(session, account)
        } else {
            self = account.totp == .none ? .enrolling(session, account) : .verifying(session, account)
        }
    }
}
