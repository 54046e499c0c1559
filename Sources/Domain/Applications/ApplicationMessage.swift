/// What an application is told by a job of its own.
package enum ApplicationMessage: Sendable, Equatable {
    case event(WebhookMessage)
    case logout(LogoutNotice)

    /// Nil when the payload is gone or something else.
    package init?(_ job: Job) {
        switch JobKind(rawValue: job.kind) {
        case .webhook:
            guard let message = job.payload(as: WebhookMessage.self) else { return nil }
            self = .event(message)
        case .logout:
            guard let notice = job.payload(as: LogoutNotice.self) else { return nil }
            self = .logout(notice)
        default: return nil
        }
    }
}

/// Where messages of one kind to one application go: each has a lane of its own, so that one that is slow or dead delays
/// nothing else.
package struct ReceiverID: Sendable, Hashable {
    /// One of `JobKind.toApplications`.
    package let kind: JobKind
    package let application: String

    package init(_ kind: JobKind, _ application: String) {
        self.kind = kind
        self.application = application
    }
}
