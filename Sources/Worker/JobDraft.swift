import Domain

/// A claimed job whose mail is being prepared, with all that is looked up for it.
struct JobDraft {
    /// The mail that a job asks for.
    struct Order {
        let kind: JobKind
        let expiry: Instant
        let content: Content
    }

    enum Content {
        case request
        case notice(Notice, NoticePayload)
        case test(MailTestPayload)
    }

    /// A job that asks for no mail that could be sent.
    struct Obstacle: Error {
        let settlement: Settlement
    }

    let job: Job
    let order: Result<Order, Obstacle>
    /// Made before; looked up for a job that was tried before.
    var attempts: [Attempt] = []
    /// Looked up for a reset request.
    var decision = ResetRequestValidation.Decision.malformed("nobody has decided on it")
    /// Whom a notice is for; nil where the account is gone.
    var account: Account?

    /// Bytes of payload from which on nobody tries to understand it: a thousand times what ours hold.
    private static let longestPayload = 262_144

    /// - Parameter linkLifetime: how long a reset link lives.
    init(_ job: Job, at now: Instant, linkLifetime: TimeSpan) {
        self.job = job
        order = Self.order(of: job, at: now, linkLifetime: linkLifetime)
    }

    /// The id of a job that was tried before.
    var triedJob: Int64? { job.attempts > 1 && content != nil ? job.id : nil }
    /// The job of a reset request.
    var request: Job? { if case .request = content { job } else { nil } }
    /// The account that is notified.
    var notified: Int64? { if case .notice(_, let payload) = content { payload.account } else { nil } }

    private var content: Content? { (try? order.get())?.content }

    /// Whether a relay kept silent at this mail, since it may do so again, and which relay the mail should go by then.
    var experience: (isSuspect: Bool, preference: RelayPreference) {
        guard let last = attempts.last(where: { $0.outcome != .relayFault }) else { return (false, .first) }
        let isSuspect = last.code == nil && ["recipient", "data", "body"].contains(last.stage)
        guard let relay = last.relay else { return (isSuspect, .first) }
        if last.outcome == .unknown { return (isSuspect, .same(as: relay)) }
        return (isSuspect, isSuspect ? .other(than: relay) : .first)
    }

    private static func order(
        of job: Job, at now: Instant, linkLifetime: TimeSpan
    ) -> Result<Order, Obstacle> {
        guard let kind = JobKind(rawValue: job.kind) else { return malformed("unknown kind; known are \(kinds)") }
        guard (job.payload?.utf8.count ?? 0) <= longestPayload else { return malformed("the payload is too long") }
        let expiry = job.createdAt + kind.lifetime(linkLifetime: linkLifetime)
        guard now < expiry else {
            let settlement = Settlement.dead(outcome: .expired, reason: "its time ran out before it could be sent")
            return .failure(Obstacle(settlement: settlement))
        }
        return content(of: job, kind).map { Order(kind: kind, expiry: expiry, content: $0) }
    }

    private static func content(of job: Job, _ kind: JobKind) -> Result<Content, Obstacle> {
        switch kind {
        case .resetRequest: return .success(.request)
        case .resetNotice, .activationNotice, .disablingNotice, .failureNotice, .recoveryNotice:
            guard let notice = kind.notice, let payload = job.payload(as: NoticePayload.self) else {
                return malformed("not a notice")
            }
            return .success(.notice(notice, payload))
        case .mailTest:
            guard let payload = job.payload(as: MailTestPayload.self), EmailAddress(payload.to) != nil else {
                return malformed("not a test with an address")
            }
            return .success(.test(payload))
        case .webhook, .logout: return malformed("not a mail")
        }
    }

    private static func malformed<Success>(_ reason: String) -> Result<Success, Obstacle> {
        .failure(Obstacle(settlement: .dead(outcome: .malformed, reason: reason)))
    }

    private static var kinds: String { JobKind.submittable.map(\.rawValue).joined(separator: ", ") }
}
