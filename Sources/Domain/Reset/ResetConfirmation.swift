/// The status of a link, and what happens when its button is pressed.
package struct ResetConfirmation: Sendable {
    /// What it needs of a transaction.
    package typealias Transaction = AccountWriter & LoginWriter & ResetWriter & AuditWriter & JobReader & JobEnqueuer

    /// What a token is worth now.
    package enum LinkStatus: Sendable, Equatable {
        /// The link works.
        case valid(ResetRequest, Account)
        case used
        case expired
        case superseded
        case cancelled
        /// The account's secret changed after the link was made.
        case stale
        /// Not a token of ours.
        case unknown
    }

    private let links: ResetLinks

    package init(links: ResetLinks) { self.links = links }

    /// Looks; changes nothing, however often a mail scanner calls.
    package func status(of token: String, in transaction: any AccountReader & ResetReader, at now: Instant) throws
        -> LinkStatus
    {
        guard let id = ResetLinks.requestID(in: token), let request = try transaction.resetRequest(id: id),
            links.isGenuine(token, for: request), let account = try transaction.account(id: request.account)
        else { return .unknown }
        switch request.state {
        case .used: return .used
        case .superseded: return .superseded
        case .cancelled: return .cancelled
        case .open: break
        }
        guard now < request.expiresAt else { return .expired }
        guard account.isActive else { return .unknown }
        return account.generation == request.generation ? .valid(request, account) : .stale
    }

    /// Spends the link, clears the secret and ends the account's sessions, with the audit event and the notice to the
    /// owner, all in the caller's transaction.
    /// - Returns: the status it found; `valid` means that this call, and no other, did it.
    package func confirm(
        _ token: String, in transaction: any Transaction, at now: Instant, from address: String
    ) throws -> LinkStatus {
        let status = try status(of: token, in: transaction, at: now)
        guard case .valid(let request, let account) = status else { return status }
        guard try transaction.spend(request: request.id, at: now) else { return .used }
        guard try transaction.clearSecret(account: account.id, generation: request.generation) else { return .stale }
        _ = try transaction.endSessions(account: account.id, except: nil, at: now)
        try transaction.append(
            AuditEvent(.totpReset, of: account, at: now, from: address, "request \(request.id)")
                .publishing(.totpReset, of: account, ["by": "link"]))
        try transaction.enqueue(NoticePayload(account: account.id, at: now, address: address).job(for: .reset, at: now))
        return status
    }

    /// "Bukan saya": the link dies and operators are told through the audit log.
    package func cancel(
        _ token: String, in transaction: any Transaction, at now: Instant, from address: String
    ) throws -> LinkStatus {
        let status = try status(of: token, in: transaction, at: now)
        guard case .valid(let request, let account) = status else { return status }
        guard try transaction.cancel(request: request.id, at: now) else { return .cancelled }
        try transaction.append(
            AuditEvent(
                name: .resetCancelled, at: now, actor: account.userID, subject: account.userID, address: address,
                detail: "request \(request.id) from \(request.address ?? "unknown")"
            ).publishing(
                .resetCancelled, of: account,
                try transaction.job(id: request.job).map { ["request": $0.requestID] } ?? [:]))
        return status
    }
}
