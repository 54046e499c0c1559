import Domain

/// Whether mail is going out, in one word; of several that hold, the one to see to first.
package enum ServiceStatus: String, Sendable, CaseIterable, Encodable {
    /// The disk is full, or the database cannot be written for another reason: nothing goes out or is accepted.
    case databaseUnwritable = "database-unwritable"
    case noWorker = "no-worker"
    /// An operator paused everything.
    case paused
    /// The relay is at fault.
    case relayPaused = "relay-paused"
    /// The relay was at fault, and one mail is out to see whether it is back.
    case relayProbing = "relay-probing"
    /// Mail goes out, and something that nobody paused has waited for longer than `QueueReport.late`.
    case late
    /// A relay that is less preferred takes the mail, since the first is at fault.
    case relayFallback = "relay-fallback"
    /// The token for the login at a relay cannot be renewed.
    case tokenFailing = "token-failing"
    /// An application is told nothing any more, or nothing has reached it for an hour.
    case webhooksFailing = "webhooks-failing"
    /// An operator paused some kinds.
    case partlyPaused = "partly-paused"
    /// Mail goes out, and some was given up.
    case deadJobs = "dead-jobs"
    case calm

    /// How loudly to tell it.
    enum Severity: String, Sendable { case good, care, alarm }

    var severity: Severity {
        switch self {
        case .databaseUnwritable, .noWorker, .relayPaused, .late: .alarm
        case .relayProbing, .relayFallback, .tokenFailing, .webhooksFailing, .paused, .partlyPaused, .deadJobs: .care
        case .calm: .good
        }
    }

    /// - Parameters:
    ///   - oldest: since when the oldest ready job of each kind has been ready.
    ///   - dead: how many jobs are dead.
    init(
        _ health: HealthSnapshot, pauses: [PausedKind], oldest: [String: Instant], dead: Int, webhooks: [ReceiverReport]
    ) {
        let isPaused = pauses.contains { $0.kind == PausedKind.everything }
        let isLate = oldest.contains { kind, since in
            // A receiver's events wait for one another, and for nobody else.
            JobKind.isMail(kind) && !pauses.contains { $0.kind == kind }
                && health.now - since >= QueueReport.late
        }
        self =
            switch health.relay {
            case .unknown: .noWorker
            // A paused queue does not try the relay either, so this is what has to end first.
            case _ where isPaused: .paused
            case .paused: .relayPaused
            case .probing: .relayProbing
            case .flowing where isLate: .late
            case .flowing where health.fallback != nil: .relayFallback
            case .flowing where health.relays.contains { $0.token?.failure != nil }: .tokenFailing
            case .flowing where webhooks.contains(where: \.needsCare): .webhooksFailing
            case .flowing where !pauses.isEmpty: .partlyPaused
            case .flowing: dead > 0 ? .deadJobs : .calm
            }
    }
}
