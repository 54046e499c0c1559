package import Cryptography

/// Somebody who gave the right password, and what they proved besides.
package struct LoginSession: Sendable, Equatable {
    /// The strongest proof given. The text is what the database holds.
    package enum Factor: String, Sendable, CaseIterable {
        /// The password alone: all that is needed while the policy is off, the first half of a login otherwise.
        case password
        /// Password and a code of the authenticator.
        case totp
        /// Password and a recovery code.
        case recovery
        /// Password and code, which then disabled TOTP: again worth no more than a password.
        case disabled

        /// Whether it includes a second factor.
        package var isSecond: Bool { self == .totp || self == .recovery }
    }

    package let id: Int64
    package let account: Int64
    /// What applications know the login by; it stays the same through every elevation.
    package let publicID: String
    package let factor: Factor
    /// When the login began; an elevation carries it over, so that it prolongs nothing.
    package let startedAt: Instant
    /// When this token was given out.
    package let createdAt: Instant
    package let seenAt: Instant
    package let address: String
    /// What the browser calls itself, cut short.
    package let browser: String

    package init(
        id: Int64, account: Int64, publicID: String, factor: Factor, startedAt: Instant, createdAt: Instant,
        seenAt: Instant,
        address: String, browser: String
    ) {
        self.id = id
        self.account = account
        self.publicID = publicID
        self.factor = factor
        self.startedAt = startedAt
        self.createdAt = createdAt
        self.seenAt = seenAt
        self.address = address
        self.browser = browser
    }

    /// The same, in use at a later time.
    package func seen(at now: Instant) -> LoginSession {
        LoginSession(
            id: id, account: account, publicID: publicID, factor: factor, startedAt: startedAt, createdAt: createdAt,
            seenAt: now, address: address, browser: browser)
    }
}

/// How long sessions live.
package struct SessionLimits: Sendable {
    /// Without a request.
    package let idle: TimeSpan
    /// In all, whatever happens.
    package let total: TimeSpan

    package static let standard = SessionLimits(idle: .minutes(30), total: .hours(12))

    package init(idle: TimeSpan, total: TimeSpan) {
        self.idle = idle
        self.total = total
    }

    package func isAlive(_ session: LoginSession, at now: Instant) -> Bool {
        now < session.seenAt + idle && now < session.startedAt + total
    }
}

/// The secret that a browser's cookie holds. The database holds only its digest, so who reads the database cannot become
/// anyone.
package struct SessionToken: Sendable, Equatable {
    package static let byteCount = 32

    /// What the cookie says: 43 characters of base64url.
    package let text: String
    /// SHA-256 of the bytes behind it.
    package let digest: [UInt8]

    package init(random: any RandomSource) {
        let bytes = random.bytes(Self.byteCount)
        text = Base64URL.encode(bytes)
        digest = Digest.sha256(bytes)
    }

    /// Nil when a cookie holds no token of ours.
    package init?(_ text: String) {
        guard let bytes = Base64URL.decode(text), bytes.count == Self.byteCount else { return nil }
        self.text = text
        digest = Digest.sha256(bytes)
    }
}

/// Where a request comes from, as far as sessions and audit events tell it.
package struct RequestOrigin: Sendable, Equatable {
    /// The network address.
    package let address: String
    /// What limits count by: the address, or its /64.
    package let addressKey: String
    package let browser: String

    private static let longestBrowser = 200

    package init(address: String, addressKey: String, browser: String) {
        self.address = address
        self.addressKey = addressKey
        self.browser = String(decoding: browser.utf8.prefix(Self.longestBrowser), as: UTF8.self)
    }
}
