/// What became of one attempt to deliver.
package struct Delivery: Sendable, Equatable {
    package enum Outcome: String, Sendable, CaseIterable {
        /// The relay answered 250 to the body; the receiver of an event 2xx.
        case delivered
        /// Try this again later.
        case temporary
        /// This will never go.
        case permanent
        /// The relay, or the way to it, is at fault; the mail was not tried.
        case relayFault = "relay-fault"
        /// The body went out and no answer came back.
        case unknown
    }

    /// Every step an attempt can end at, in their order: writing the mail, then the conversation with the relay.
    package static let stages = [
        "render", "message", "resolve", "connect", "tls", "greeting", "hello", "authentication", "sender", "recipient",
        "data", "body",
    ]

    package let outcome: Outcome
    /// One of `stages`; with a webhook also `applicationAnswer`.
    package let stage: String
    package let code: Int?
    package let reply: String
    /// One sentence for operators: host, port, step, reply, likely cure.
    package let explanation: String
    package let seconds: Double
    package let reusedConnection: Bool
    /// For how long the other side asks to be left alone.
    package let retryAfter: TimeSpan?

    package init(
        outcome: Outcome, stage: String, code: Int?, reply: String, explanation: String, seconds: Double,
        reusedConnection: Bool, retryAfter: TimeSpan? = nil
    ) {
        self.outcome = outcome
        self.stage = stage
        self.code = code
        self.reply = reply
        self.explanation = explanation
        self.seconds = seconds
        self.reusedConnection = reusedConnection
        self.retryAfter = retryAfter
    }
}

/// Sends one mail after another over one connection. Used by one thread.
package protocol Courier {
    func deliver(_ mail: RenderedMail) -> Delivery
    /// Goes as far as one can without a mail; `delivered` means that the relay is ready.
    func check() -> Delivery
    /// Calls `onStage` from now on with each of `Delivery.stages` as it begins, on the thread that delivers.
    func observe(_ onStage: @escaping (_ stage: String) -> Void)
    /// Ends the connection, if one is kept.
    func disconnect()
}

extension Courier {
    package func observe(_ onStage: @escaping (_ stage: String) -> Void) {}
    package func disconnect() {}
}
