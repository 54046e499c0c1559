package import Cryptography

/// What an application may do with a key.
package enum ApplicationScope: String, Sendable, CaseIterable {
    /// Check codes, and read accounts.
    case verify
    /// Give new secrets and recovery codes.
    case enroll
    /// Ask for resets, and clear secrets.
    case reset
    /// Make, change, read and delete accounts.
    case provision
}

/// A key of an application, as the store has it: the secret itself is shown once and kept nowhere.
package struct ApplicationKey: Sendable, Equatable {
    /// Names the key in commands and the audit log.
    package let id: String
    package let application: String
    package let scopes: Set<ApplicationScope>
    /// SHA-256 of the secret, whose 256 bits no search finds.
    package let digest: [UInt8]
    package let createdAt: Instant
    package let revokedAt: Instant?

    package init(
        id: String, application: String, scopes: Set<ApplicationScope>, digest: [UInt8], createdAt: Instant,
        revokedAt: Instant? = nil
    ) {
        self.id = id
        self.application = application
        self.scopes = scopes
        self.digest = digest
        self.createdAt = createdAt
        self.revokedAt = revokedAt
    }

    /// Keys of an application that are good at a time: the one in use, and its successor during a rotation.
    package static let mostValid = 2
}

/// The text of a key, `pulih_ID_SECRET`, which who finds it in a log or a repository can tell for what it is.
package struct ApplicationKeyText: Sendable {
    private static let prefix = "pulih_"
    private static let idBytes = 5
    private static let secretBytes = 32

    package let id: String
    package let digest: [UInt8]
    /// The whole key.
    package let text: String

    /// A new key.
    package init(random: any RandomSource) {
        let secret = random.bytes(Self.secretBytes)
        id = Base32.encode(random.bytes(Self.idBytes)).lowercased()
        digest = Digest.sha256(secret)
        text = "\(Self.prefix)\(id)_\(Base64URL.encode(secret))"
    }

    /// Nil for what is no key.
    package init?(_ text: String) {
        guard text.hasPrefix(Self.prefix) else { return nil }
        let parts = text.dropFirst(Self.prefix.count).split(
            separator: "_", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, parts[0].utf8.count == 8, let secret = Base64URL.decode(String(parts[1])),
            secret.count == Self.secretBytes
        else { return nil }
        id = String(parts[0])
        digest = Digest.sha256(secret)
        self.text = text
    }
}

/// Who calls: an application, by one of its keys.
package struct ApplicationCaller: Sendable, Equatable {
    package let application: Application
    package let key: String
    package let scopes: Set<ApplicationScope>
}

/// Finds out who calls, and keeps those who guess away.
package struct ApplicationAuthentication: Sendable {
    package enum Refusal: Sendable, Equatable {
        case wrongKey
        /// Too many wrong keys from this address within the hour.
        case tooMany
    }

    /// Wrong keys from one address within an hour.
    package static let maximumPerAddress = 20

    private let applications: [String: Application]

    package init(_ applications: [Application]) {
        self.applications = Dictionary(applications.map { ($0.id, $0) }) { $1 }
    }

    /// Whose key this is. Whoever has one needs no guess: wrong keys of others at the same address, a proxy's say, shut
    /// nobody out.
    /// - Parameter text: what the caller showed; nil when nothing.
    /// - Returns: nil for what is no valid key; `refuse` it then.
    package func caller(_ text: String?, in transaction: any ApplicationReader) throws -> ApplicationCaller? {
        guard let key = try Self.key(shown: text, in: transaction), key.isItself, key.known.revokedAt == nil,
            let application = applications[key.known.application]
        else { return nil }
        return ApplicationCaller(application: application, key: key.known.id, scopes: key.known.scopes)
    }

    /// Counts and audits what was no valid key.
    package func refuse(
        _ text: String?, in store: any Store, at now: Instant, from origin: RequestOrigin
    ) throws -> Refusal {
        let limitKey = "application:\(origin.addressKey)"
        let (key, hits) = try store.read { transaction in
            (
                try Self.key(shown: text, in: transaction),
                try transaction.rateLimitHits(from: limitKey, since: now - .hours(1))
            )
        }
        guard hits < Self.maximumPerAddress else { return .tooMany }
        // A request without any key is a mistake and no guess.
        guard text != nil else { return .wrongKey }
        try store.write { transaction in
            try transaction.recordRateLimitHit(from: limitKey, at: now)
            try transaction.append(
                AuditEvent(
                    name: .applicationKeyRefused, at: now,
                    actor: "unknown", subject: key.map { "key:\($0.known.id)" } ?? "unknown", address: origin.address,
                    detail: key?.isItself == true ? "revoked, or of an application that is no longer configured" : ""))
        }
        return .wrongKey
    }

    /// - Returns: the key that the text names, and whether it was shown itself, not only its id.
    private static func key(
        shown text: String?, in transaction: any ApplicationReader
    ) throws -> (known: ApplicationKey, isItself: Bool)? {
        guard let shown = text.flatMap(ApplicationKeyText.init),
            let known = try transaction.applicationKey(id: shown.id)
        else { return nil }
        return (known, constantTimeEqual(shown.digest, known.digest))
    }
}
