/// Sends one message after another to one receiver. Used by one thread.
package protocol ApplicationCourier {
    /// - Parameter now: the time that the attempt is signed with.
    func deliver(_ message: ApplicationMessage, at now: Instant) -> Delivery
    /// Ends the connection, if one is kept.
    func disconnect()
}

/// What a receiver answered.
package struct ApplicationAnswer: Sendable {
    package let status: Int
    /// The header `Retry-After`.
    package let retryAfter: String?
    /// The header `Location`.
    package let location: String?
    /// The beginning of the body.
    package let words: String
    package let seconds: Double
    package let reusedConnection: Bool

    package init(
        status: Int, retryAfter: String? = nil, location: String? = nil, words: String = "", seconds: Double = 0,
        reusedConnection: Bool = false
    ) {
        self.status = status
        self.retryAfter = retryAfter
        self.location = location
        self.words = words
        self.seconds = seconds
        self.reusedConnection = reusedConnection
    }
}

extension Delivery {
    /// The step of an attempt to tell an application something that an answer ends.
    package static let applicationAnswer = "answer"
    /// The longest time that a receiver is left alone for because it asks for it.
    package static let longestRetryAfter = TimeSpan.hours(1)

    /// What follows from a receiver's answer: 2xx is delivered, 410 is never to be tried again, all else is tried again.
    /// - Parameters:
    ///   - server: names the receiver in sentences.
    ///   - kind: what it was told.
    package init(_ answer: ApplicationAnswer, from server: String, to kind: JobKind = .webhook) {
        let outcome: Outcome =
            switch answer.status {
            case 200..<300: .delivered
            case 410: .permanent
            default: .temporary
            }
        let words = answer.words.isEmpty ? "" : ": \(answer.words)"
        self.init(
            outcome: outcome, stage: Self.applicationAnswer, code: answer.status,
            reply: "HTTP \(answer.status)\(words)",
            explanation: "\(server) answered HTTP \(answer.status)\(Self.meaning(of: answer, to: kind))",
            seconds: answer.seconds,
            reusedConnection: answer.reusedConnection, retryAfter: Self.retryAfter(answer))
    }

    /// The key of the configuration that says where such messages go.
    package static func addressKey(of kind: JobKind) -> String { kind == .logout ? "logoutURI" : "webhook.url" }

    private static func meaning(of answer: ApplicationAnswer, to kind: JobKind) -> String {
        switch answer.status {
        case 200..<300: "."
        case 300..<400:
            " and sends elsewhere\(answer.location.map { " (\($0))" } ?? ""); redirects are not followed: write the "
                + "final address as \(addressKey(of: kind))"
        case 400 where kind == .logout:
            "; it does not take the logout token: check its issuer, client_id and clock\(answer.words.isEmpty ? "" : ": \(answer.words)")"
        case 401 where kind == .webhook, 403 where kind == .webhook:
            "; check that it verifies with the secret in webhook.secretFile, and that its clock is right"
        case 404, 405: "; check \(addressKey(of: kind))"
        case 410: kind == .logout ? "." : ": it wants no more events."
        case 429, 503: "; it asks to be left alone for a while"
        default: answer.words.isEmpty ? "; look at its log" : ": \(answer.words)"
        }
    }

    /// In seconds (RFC 9110 section 10.2.3); a date is rare, and the usual wait as good.
    private static func retryAfter(_ answer: ApplicationAnswer) -> TimeSpan? {
        guard [429, 503].contains(answer.status), let seconds = answer.retryAfter.flatMap({ Int64($0) }), seconds > 0
        else { return nil }
        return min(.seconds(min(seconds, 86_400)), longestRetryAfter)
    }
}
