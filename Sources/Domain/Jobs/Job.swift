/// The state of a job. The text is stored and shown to operators.
package enum JobState: String, Sendable, CaseIterable {
    /// Waits for its time.
    case scheduled
    /// May be claimed now.
    case ready
    /// Claimed under a lease.
    case running
    /// An operator holds it back.
    case held
    /// Settled with an outcome.
    case done
    /// Given up; an operator may retry or discard it.
    case dead
    /// An operator threw it away.
    case discarded

    /// Final: no worker and no operator changes it any more, and it is pruned later.
    package var isFinished: Bool { self == .done || self == .discarded }
}

/// What a job is for. The queue accepts any text, so that an outside program gets a dead job with a reason rather than
/// an error from the database; only these are known.
package enum JobKind: String, Sendable, CaseIterable {
    /// Somebody asks for a reset: validate, then mail the link.
    case resetRequest = "reset-request"
    /// Tell the owner what happened to the account; see `Notice`.
    case resetNotice = "reset-notice"
    case activationNotice = "activation-notice"
    case disablingNotice = "disable-notice"
    case failureNotice = "failure-notice"
    case recoveryNotice = "recovery-notice"
    /// `pulih mail test`.
    case mailTest = "mail-test"
    /// Tell an application what happened.
    case webhook
    /// Tell an application that a login is over.
    case logout

    /// What applications are told; all others are mails.
    package static let toApplications: [JobKind] = [.webhook, .logout]

    /// Those that others may queue: what applications are told happens first.
    package static let submittable = allCases.filter { !toApplications.contains($0) }

    /// Whether a job of this kind, known or not, counts among the mails.
    package static func isMail(_ kind: String) -> Bool { !toApplications.contains { $0.rawValue == kind } }

    /// How long a job of this kind may wait for its mail to go out, counted from its creation.
    /// - Parameter linkLifetime: how long a reset link lives (`reset.linkLifetime`).
    package func lifetime(linkLifetime: TimeSpan) -> TimeSpan {
        switch self {
        case .resetRequest: linkLifetime
        case .resetNotice, .activationNotice, .disablingNotice, .failureNotice, .recoveryNotice, .webhook: .days(4)
        case .mailTest: .minutes(10)
        // A login at the application does not outlive a day either.
        case .logout: .days(1)
        }
    }
}

/// A job as the queue holds it.
package struct Job: Sendable, Equatable {
    package let id: Int64
    package let kind: String
    package let state: JobState
    /// JSON; nil once the job is done, since completion erases it.
    package let payload: String?
    package let createdAt: Instant
    package let runAt: Instant
    /// The fencing token: raised by every claim. Only the newest claim may settle.
    package let token: Int64
    /// Deliveries tried. A fault of the relay gives the attempt back.
    package let attempts: Int
    /// Deliveries with an unknown outcome: the connection was lost after the body was sent.
    package let unknowns: Int
    package let leaseUntil: Instant?
    package let worker: String?
    package let outcome: String?
    package let reason: String?
    package let finishedAt: Instant?
    /// When its mail came back.
    package let bouncedAt: Instant?
    /// Follows the job from the form through the log to the mail. A job that another program wrote has none of its own,
    /// or one that is none, and goes by its number.
    package let requestID: String
    /// Whom it is about, where that was certain when it was queued.
    package let account: Int64?
    package let jobClass: JobClass
    /// The application that it is from or, when an application is told something, for.
    package let application: String?

    package init(
        id: Int64, kind: String, state: JobState, payload: String?, createdAt: Instant, runAt: Instant, token: Int64,
        attempts: Int, unknowns: Int, leaseUntil: Instant?, worker: String?, outcome: String?, reason: String?,
        finishedAt: Instant?, bouncedAt: Instant? = nil, requestID: String? = nil, account: Int64? = nil,
        jobClass: JobClass? = nil, application: String? = nil
    ) {
        self.id = id
        self.kind = kind
        self.state = state
        self.payload = payload
        self.createdAt = createdAt
        self.runAt = runAt
        self.token = token
        self.attempts = attempts
        self.unknowns = unknowns
        self.leaseUntil = leaseUntil
        self.worker = worker
        self.outcome = outcome
        self.reason = reason
        self.finishedAt = finishedAt
        self.bouncedAt = bouncedAt
        self.requestID = requestID.flatMap { Self.isRequestID($0) ? $0 : nil } ?? "\(Self.requestPrefix)\(id)"
        self.account = account
        self.jobClass = jobClass ?? .standard(ofKind: kind)
        self.application = application
    }

    private static let requestPrefix = "job-"

    /// The id of the job that goes by its own number under this request ID; nil for all others.
    package static func id(ofRequest requestID: String) -> Int64? {
        guard requestID.hasPrefix(requestPrefix) else { return nil }
        return Int64(requestID.dropFirst(requestPrefix.count))
    }

    /// Whether text can follow a job as its request ID: 1 to 64 visible ASCII characters, which a mail header takes as
    /// they are. A mail must not fail for what it is called.
    package static func isRequestID(_ text: String) -> Bool {
        (1...64).contains(text.utf8.count) && text.utf8.allSatisfy { (0x21...0x7e).contains($0) }
    }

    /// Identifies the current claim.
    package var claim: Claim { Claim(job: id, token: token) }
}

/// One claim of one job.
package struct Claim: Sendable, Hashable {
    package let job: Int64
    package let token: Int64

    package init(job: Int64, token: Int64) {
        self.job = job
        self.token = token
    }
}

/// How a claim ends.
package enum Settlement: Sendable, Equatable {
    /// Finished; the payload is erased.
    case done(outcome: Outcome, reason: String)
    /// Given up; the payload stays, so that an operator can retry.
    case dead(outcome: Outcome, reason: String)
    /// Failed; try again at this time.
    case retry(at: Instant, reason: String, unknown: Bool)
    /// Not tried, or the relay's fault: the attempt is given back. The job is ready again and keeps its place, or waits
    /// `until` a time: a mail that the relay fails over must let others be the next to try.
    case release(until: Instant?, reason: String)

    /// One word on how it went, for people and for metrics.
    package enum Outcome: String, Sendable, CaseIterable {
        /// The relay took the mail.
        case mailed
        /// The request did not pass validation; nobody is mailed.
        case refused
        /// The relay refused the mail permanently.
        case rejected
        /// The time ran out before the mail could go.
        case expired
        /// The body went out twice and no answer came back.
        case unknown
        /// The payload or the kind cannot be understood.
        case malformed
        /// The application took the event.
        case delivered
    }
}

/// A claim with its end.
package struct ClaimEnd: Sendable, Equatable {
    package let claim: Claim
    package let settlement: Settlement
    /// The try to deliver that it came to; nil where there was none.
    package let attempt: Attempt?

    package init(_ claim: Claim, _ settlement: Settlement, attempt: Attempt?) {
        self.claim = claim
        self.settlement = settlement
        self.attempt = attempt
    }
}

/// One try to deliver, kept for operators.
package struct Attempt: Sendable, Equatable {
    package let number: Int
    package let startedAt: Instant
    package let seconds: Double
    /// The step of the SMTP conversation it ended at.
    package let stage: String
    package let code: Int?
    package let outcome: Delivery.Outcome
    /// The relay's words.
    package let reply: String
    package let reusedConnection: Bool
    package let worker: String
    /// The relay's name; nil for attempts of older versions.
    package let relay: String?

    package init(
        number: Int, startedAt: Instant, seconds: Double, stage: String, code: Int?, outcome: Delivery.Outcome,
        reply: String, reusedConnection: Bool, worker: String, relay: String? = nil
    ) {
        self.number = number
        self.startedAt = startedAt
        self.seconds = seconds
        self.stage = stage
        self.code = code
        self.outcome = outcome
        self.reply = reply
        self.reusedConnection = reusedConnection
        self.worker = worker
        self.relay = relay
    }
}
