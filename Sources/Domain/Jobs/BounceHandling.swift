import Cryptography

/// What a transaction reads about mails that come back.
package protocol BounceReader: JobReader {
    /// What the tag of a job's return address is recognised by.
    /// - Returns: nil for a job that is not there, or whose mail carries no return address of its own.
    func returnDigest(job: Int64) throws -> [UInt8]?
}

/// What the store keeps for mails that come back.
package protocol BounceWriter: BounceReader {
    func setReturnDigest(job: Int64, _ digest: [UInt8]) throws
    /// Marks a job that is done or dead as bounced; its state stays.
    /// - Returns: false when it is neither, or has bounced before.
    func markBounced(job: Int64, reason: String, at now: Instant) throws -> Bool
}

/// What follows from a mail that came back. In the caller's transaction, with its audit event.
package enum BounceHandling {
    /// What it needs of a transaction.
    package typealias Transaction = BounceWriter & AuditWriter

    package enum Result: Sendable, Equatable {
        /// The address is one that we gave out for this job.
        case genuine(Job)
        /// There is no such job: it was pruned, or never was.
        case noJob
        /// The tag is not the job's.
        case forged
    }

    package enum Change: Sendable, Equatable {
        case bounced(Job)
        /// It is marked already.
        case repeated(Job)
        /// It is neither done nor dead: its claim is not settled yet, or an operator holds or has discarded it.
        case unsettled(Job)
        case noJob
        case forged
    }

    /// The actor of the audit event.
    package static let actor = "mail-system"

    /// Who gave an address out; changes nothing.
    package static func check(_ address: ReturnAddress, in transaction: any BounceReader) throws -> Result {
        guard let job = try transaction.job(id: address.job) else { return .noJob }
        guard let digest = try transaction.returnDigest(job: job.id), constantTimeEqual(digest, address.digest) else {
            return .forged
        }
        return .genuine(job)
    }

    /// Marks the job as bounced.
    /// - Parameters:
    ///   - status: an enhanced status code (RFC 3463).
    ///   - words: what the mail server says, one line.
    package static func apply(
        _ address: ReturnAddress, status: String?, words: String, in transaction: any Transaction, at now: Instant
    ) throws -> Change {
        let job: Job
        switch try check(address, in: transaction) {
        case .noJob: return .noJob
        case .forged: return .forged
        case .genuine(let found): job = found
        }
        guard !job.hasBounced else { return .repeated(job) }
        let reason = reason(status: status, words: words)
        guard try transaction.markBounced(job: job.id, reason: reason, at: now) else { return .unsettled(job) }
        try transaction.append(
            AuditEvent(
                name: .mailBounced, at: now, actor: actor, subject: "job:\(job.id)", address: nil, detail: reason))
        return .bounced(job)
    }

    /// Status and words; the words may quote the mail, and with it a link.
    package static func reason(status: String?, words: String) -> String {
        let words = LinkTokenRedaction.redact(words)
        guard let status else { return words.isEmpty ? "the mail system gave no reason" : words }
        if words.isEmpty { return status }
        // Most servers repeat the status in their words.
        return words.contains(status) ? words : "\(status) \(words)"
    }
}

extension Job {
    /// The outcome of a job whose mail the relay took and that came back later.
    package static let bounced = "bounced"

    /// Every outcome of a job: how its claim ended, or that its mail came back.
    package static let outcomes = Settlement.Outcome.allCases.map(\.rawValue) + [bounced]

    package var hasBounced: Bool { outcome == Self.bounced }
}
