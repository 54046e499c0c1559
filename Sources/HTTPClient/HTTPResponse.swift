/// What a server answered.
package struct HTTPResponse: Sendable {
    package let status: Int
    /// By name in small letters; of several of one name the last.
    package let headers: [String: String]
    /// At most `HTTPSession.longestBody` bytes.
    package let body: [UInt8]
    /// Whether there was more of the body.
    package let isCut: Bool
    package let seconds: Double
    package let reusedConnection: Bool
}

/// Why there is no answer.
package struct HTTPError: Error, Sendable, Equatable {
    package enum Cause: Sendable {
        /// The address is none that may be posted to.
        case forbidden
        case nameNotFound, unreachable, timedOut
        case untrusted, unreadableAuthorities, handshakeFailed
        /// This program was asked to stop.
        case stopped
        case brokeOff
    }

    package let cause: Cause
    /// What the server did, to stand behind its name; it may hold what the server sent.
    package let phrase: String
    /// How long it took.
    package let seconds: Double

    init(_ cause: Cause, _ phrase: String, seconds: Double = 0) {
        self.cause = cause
        self.phrase = phrase
        self.seconds = seconds
    }
}
