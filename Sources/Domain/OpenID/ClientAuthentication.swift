import Cryptography

/// What a client shows of itself at an endpoint for machines (RFC 6749, section 2.3.1).
package struct ClientCredentials: Sendable, Equatable {
    package let id: String
    /// Nil for a client that shows no secret.
    package let secret: String?

    package init(id: String, secret: String?) {
        self.id = id
        self.secret = secret
    }
}

/// Finds out which client calls, and keeps those who guess away.
package struct ClientAuthentication: Sendable {
    package enum Refusal: Sendable, Equatable {
        case wrong
        /// Too many wrong secrets from this address within the hour.
        case tooMany
    }

    /// Wrong secrets from one address within an hour.
    package static let maximumPerAddress = ApplicationAuthentication.maximumPerAddress

    private struct Client: Sendable {
        let application: Application
        /// SHA-256 of each secret that is good: one, or two during a rotation; none of a public client.
        let digests: [[UInt8]]
    }

    private let clients: [String: Client]

    /// - Parameter clients: with their secrets; none for public ones.
    package init(_ clients: [(application: Application, secrets: [String])]) {
        self.clients = Dictionary(
            clients.map { client in
                let digests = client.secrets.map { Digest.sha256(Array($0.utf8)) }
                return (client.application.id, Client(application: client.application, digests: digests))
            }
        ) { $1 }
    }

    /// Every client, by its id.
    package var applications: [String: Application] { clients.mapValues(\.application) }

    /// The client that these prove; nil when they prove none, `refuse` them then. Whoever has the secret needs no guess: wrong
    /// ones of others at the same address shut nobody out.
    package func client(_ shown: ClientCredentials) -> Application? {
        guard let client = clients[shown.id] else { return nil }
        guard let secret = shown.secret else {
            return client.application.client?.isConfidential == false ? client.application : nil
        }
        let digest = Digest.sha256(Array(secret.utf8))
        // Each is compared, so that the time tells nothing of which it is.
        let matches = client.digests.map { constantTimeEqual($0, digest) }
        return matches.contains(true) ? client.application : nil
    }

    /// Counts and audits what proved nobody.
    package func refuse(
        _ shown: ClientCredentials?, in store: any Store, at now: Instant, from origin: RequestOrigin
    ) throws -> Refusal {
        let limitKey = "client:\(origin.addressKey)"
        guard try store.read({ try $0.rateLimitHits(from: limitKey, since: now - .hours(1)) }) < Self.maximumPerAddress
        else { return .tooMany }
        // A request that shows nothing is a mistake and no guess.
        guard let shown else { return .wrong }
        let subject = clients[shown.id].map { "application:\($0.application.id)" } ?? "unknown"
        let detail = shown.secret == nil ? "no secret" : "wrong secret"
        try store.write { transaction in
            try transaction.recordRateLimitHit(from: limitKey, at: now)
            try transaction.append(
                AuditEvent(
                    name: .clientRefused, at: now, actor: "unknown", subject: subject, address: origin.address,
                    detail: detail))
        }
        return .wrong
    }
}
