package import Domain
import Threading

/// A courier whose verdicts the test writes, and which remembers what it was given. One serves all lanes of a worker.
package final class RecordingCourier: Courier, Sendable {
    private struct State: Sendable {
        var mails: [RenderedMail] = []
        var isHeld = false
        var checks = 0
        var onCheck = Delivery.Outcome.delivered
    }

    private let state = Monitor(State())
    private let delivery: @Sendable (RenderedMail, Int) -> Delivery

    /// - Parameter verdict: what becomes of a mail; it is told the mail and how many deliveries began before it.
    package convenience init(_ outcome: @escaping @Sendable (RenderedMail, Int) -> Delivery.Outcome) {
        self.init(deliveries: { Self.delivery(outcome($0, $1)) })
    }

    /// The same with all that the relay says.
    package init(deliveries: @escaping @Sendable (RenderedMail, Int) -> Delivery) { delivery = deliveries }

    /// These verdicts one after another; from then on the last of them.
    package convenience init(_ verdicts: Delivery.Outcome...) {
        self.init { _, number in verdicts.isEmpty ? .delivered : verdicts[min(number, verdicts.count - 1)] }
    }

    /// The mails whose delivery has begun, in order.
    package var mails: [RenderedMail] { state.withLock { $0.mails } }

    /// How often it was asked whether the relay is ready.
    package var checks: Int { state.withLock { $0.checks } }

    /// What it says from now on when it is asked.
    package func answerChecks(_ outcome: Delivery.Outcome) { state.withLock { $0.onCheck = outcome } }

    package func check() -> Delivery {
        Self.delivery(
            state.withLock { state in
                state.checks += 1
                return state.onCheck
            })
    }

    /// Lets every delivery from now on, once begun, wait for `release`: a relay that does not answer.
    package func hold() { state.withLock { $0.isHeld = true } }

    package func release() { state.withLock { $0.isHeld = false } }

    /// Waits until this many deliveries have begun.
    package func waitForMails(_ count: Int, timeout: Duration = .seconds(10)) throws -> [RenderedMail] {
        let mails = state.wait(timeout: timeout) { $0.mails.count >= count ? $0.mails : nil }
        guard let mails else {
            throw SupportFailure("\(state.withLock { $0.mails.count }) of \(count) mails were begun within \(timeout)")
        }
        return mails
    }

    package func deliver(_ mail: RenderedMail) -> Delivery {
        let number = state.withLock { state in
            state.mails.append(mail)
            return state.mails.count - 1
        }
        let delivery = delivery(mail, number)
        state.wait { $0.isHeld ? nil : () }
        return delivery
    }

    /// What a real courier would say along with such a verdict.
    package static func delivery(_ outcome: Delivery.Outcome) -> Delivery {
        let (stage, code, reply): (String, Int?, String) =
            switch outcome {
            case .delivered: ("data", 250, "2.0.0 queued")
            case .temporary: ("rcpt", 450, "4.2.0 try again later")
            case .permanent: ("rcpt", 550, "5.1.1 no such mailbox")
            case .relayFault: ("connect", nil, "connection refused")
            case .unknown: ("data", nil, "connection lost after the body")
            }
        return Delivery(
            outcome: outcome, stage: stage, code: code, reply: reply, explanation: "relay.test:25 said: \(reply)",
            seconds: 0.001, reusedConnection: false)
    }
}
