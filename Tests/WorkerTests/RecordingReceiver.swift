import Domain
import Support
import Threading
import Worker

/// A receiver of events whose answers the test writes, and which remembers what it was given.
final class RecordingReceiver: ApplicationCourier, Sendable {
    private struct State: Sendable {
        var messages: [WebhookMessage] = []
        var times: [Instant] = []
        var isHeld = false
        var answers: [ApplicationAnswer]
        var underWay = 0
        var mostUnderWay = 0
    }

    let application: String
    private let state: Monitor<State>

    init(_ application: String, _ statuses: Int...) {
        self.application = application
        state = Monitor(State(answers: (statuses.isEmpty ? [200] : statuses).map { ApplicationAnswer(status: $0) }))
    }

    var receiver: Worker.Equipment.Receiver {
        .init(ReceiverID(.webhook, application), url: webhook.url, server: "\(application).test") { self }
    }
    var webhook: Webhook { Webhook(application: application, url: "https://\(application).test/") }

    /// The messages whose delivery has begun, in order, and when each did.
    var messages: [WebhookMessage] { state.withLock { $0.messages } }
    var times: [Instant] { state.withLock { $0.times } }
    /// Deliveries that were under way at the same time, at most.
    var mostUnderWay: Int { state.withLock { $0.mostUnderWay } }

    func give(_ answers: ApplicationAnswer...) { state.withLock { $0.answers = answers } }

    /// Lets every delivery from now on, once begun, wait for `release`.
    func hold() { state.withLock { $0.isHeld = true } }
    func release() { state.withLock { $0.isHeld = false } }

    func waitForMessages(_ count: Int) throws {
        guard state.wait(timeout: .seconds(20), { $0.messages.count >= count ? true : nil }) != nil else {
            throw SupportFailure("\(messages.count) of \(count) messages came")
        }
    }

    func deliver(_ message: ApplicationMessage, at now: Instant) -> Delivery {
        guard case .event(let message) = message else { preconditionFailure("only events go here") }
        let answer = state.withLock { state in
            state.messages.append(message)
            state.times.append(now)
            state.underWay += 1
            state.mostUnderWay = max(state.mostUnderWay, state.underWay)
            return state.answers.count > 1 ? state.answers.removeFirst() : state.answers[0]
        }
        state.wait { $0.isHeld ? nil : () }
        state.withLock { $0.underWay -= 1 }
        return Delivery(answer, from: "\(application).test")
    }

    func disconnect() {}
}
