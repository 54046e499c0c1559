extension MailServer {
    /// An artificial answer. The first rule that fits a stage and is not used up is obeyed; without one the server
    /// answers as it should.
    package struct Rule: Sendable, Encodable {
        /// The point of the conversation at which the answer is due.
        package enum Stage: String, Sendable, Codable {
            /// Instead of the greeting; a reply is followed by the end of the connection.
            case connection
            case startTLS
            case authentication
            /// MAIL FROM.
            case sender
            /// RCPT TO.
            case recipient
            /// DATA, before any of the message was sent.
            case data
            /// After the whole message, that is after the line with the dot.
            case body
        }

        let stage: Stage
        let reply: String?
        let disconnects: Bool
        let recipient: String?
        let times: Int?
        /// Milliseconds.
        let delay: Int

        /// Answers `reply`, such as `450 4.2.0 Try again later`; a 421 also ends the connection.
        ///
        /// With a `recipient` only for that address (from `.recipient` on), with `times` only so often, and after `delay`.
        package static func answer(
            _ reply: String, at stage: Stage, recipient: String? = nil, times: Int? = nil, delay: Duration = .zero
        ) -> Rule {
            Rule(stage, reply: reply, disconnects: false, recipient, times, delay)
        }

        /// Drops the connection instead of an answer; the other parameters are those of `answer`.
        package static func disconnect(
            at stage: Stage, recipient: String? = nil, times: Int? = nil, delay: Duration = .zero
        ) -> Rule {
            Rule(stage, reply: nil, disconnects: true, recipient, times, delay)
        }

        /// Answers as it should, only later: the latency of a relay.
        package static func delay(
            _ delay: Duration, at stage: Stage, recipient: String? = nil, times: Int? = nil
        ) -> Rule {
            Rule(stage, reply: nil, disconnects: false, recipient, times, delay)
        }

        private init(
            _ stage: Stage, reply: String?, disconnects: Bool, _ recipient: String?, _ times: Int?, _ delay: Duration
        ) {
            self.stage = stage
            self.reply = reply
            self.disconnects = disconnects
            self.recipient = recipient
            self.times = times
            self.delay = Int(delay / .milliseconds(1))
        }
    }
}
