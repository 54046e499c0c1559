package import Domain

/// A job and whom it is about, read at one moment.
package struct JobWithUserID: Sendable {
    package let job: Job
    /// The User ID of the account, as far as it is still known.
    package let userID: String?

    package init(_ job: Job, in transaction: any AccountReader & ResetReader) throws {
        self.job = job
        userID = try Self.userID(job, in: transaction).map { Excerpt.of($0, atMost: Excerpt.name) }
    }

    init(job: Job, userID: String?) {
        self.job = job
        self.userID = userID
    }

    /// A finished job has no payload any more, but a link that was opened for it still knows its account.
    private static func userID(_ job: Job, in transaction: any AccountReader & ResetReader) throws -> String? {
        if let account = job.account { return try transaction.account(id: account)?.userID }
        switch JobKind(rawValue: job.kind) {
        case .webhook, .logout: return nil
        case .resetRequest:
            if let payload = job.payload(as: ResetPayload.self) { return payload.userID }
            guard let request = try transaction.resetRequest(job: job.id) else { return nil }
            return try transaction.account(id: request.account)?.userID
        case .resetNotice, .activationNotice, .disablingNotice, .failureNotice, .recoveryNotice:
            guard let payload = job.payload(as: NoticePayload.self) else { return nil }
            return try transaction.account(id: payload.account)?.userID
        case .mailTest, nil: return nil
        }
    }
}

extension Job {
    /// Why a reset request earned no mail; nil for jobs that were not refused.
    package var refusal: ResetRequestValidation.ResetRefusal? {
        guard outcome == Settlement.Outcome.refused.rawValue else { return nil }
        return reason.flatMap(ResetRequestValidation.ResetRefusal.init(rawValue:))
    }
}

extension JobChange {
    /// Whether a page should offer it; the store decides when it comes.
    func isOffered(for job: Job) -> Bool {
        origins.contains(job.state) && (self != .retry || job.payload != nil)
    }
}
