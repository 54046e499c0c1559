/// What became of a message.
package enum DeliveryStatus: String, Sendable, CaseIterable {
    /// The relay took it over; for a probe: the relay is ready.
    case delivered
    /// Not taken now; a later try may succeed.
    case temporary
    /// Refused permanently; another attempt would be refused too.
    case permanent
    /// The fault lies with the relay, its settings or the way to it, and not with this message.
    case relayFault
    /// The relay had the whole message and its answer was lost: it may have been delivered or not.
    case unknown
}

/// The steps of a transfer, in their order.
package enum Stage: String, Sendable, CaseIterable, Comparable {
    case resolve, connect, tls, greeting, hello, authentication, sender, recipient, data, body

    package static func < (left: Stage, right: Stage) -> Bool {
        allCases.prefix { $0 != right }.contains(left)
    }
}

/// What a transfer came to, and what an operator needs to know of it.
package struct SendResult: Sendable {
    package let status: DeliveryStatus
    /// The last step that was begun.
    package let stage: Stage
    /// The relay's reply to that step; nil when none came or a positive reply was not the end of the step.
    package let code: Int?
    /// The words of that reply: one line without control characters, 500 bytes at most, never credentials.
    package let reply: String
    /// True when the connection had carried a message before.
    package let reusedConnection: Bool
    package let seconds: Double
    /// One sentence: host, port, step, reply, and the likely cure.
    package let explanation: String

    package init(
        verdict: DeliveryStatus, stage: Stage, code: Int? = nil, reply: String = "", reusedConnection: Bool = false,
        seconds: Double = 0, explanation: String
    ) {
        self.status = verdict
        self.stage = stage
        self.code = code
        self.reply = reply
        self.reusedConnection = reusedConnection
        self.seconds = seconds
        self.explanation = explanation
    }
}
