package import Threading

/// Gives the token that a login by OAuth 2.0 shows to the relay. All connections to a relay share one source.
package protocol TokenSource: Sendable {
    /// A token that should be valid now. It may be fetched first; the call blocks that long.
    /// - Parameters:
    ///   - refused: a token that the relay does not take, so another is wanted. A source that knows no other gives the same.
    ///   - stop: ends the waiting within about a second.
    func token(insteadOf refused: String?, stop: StopSignal) throws(TokenError) -> String

    /// Gets another token when the one there is ends soon, so that no mail has to wait for it, and nobody is without one
    /// unawares.
    func renew(stop: StopSignal) -> TokenStatus

    /// What an operator should do when the relay refuses even a new token.
    var cureForRefusal: String { get }
}

/// How things stand with a token.
package struct TokenStatus: Sendable, Equatable {
    /// For how long it is valid; nil when that is not known.
    package let remaining: Duration?
    /// Why there is none, or why it could not be renewed.
    package let failure: TokenError?

    package init(remaining: Duration?, failure: TokenError?) {
        self.remaining = remaining
        self.failure = failure
    }
}

/// Why there is no token.
package struct TokenError: Error, Equatable {
    /// What went wrong, such as `the token endpoint https://… cannot be reached`.
    package let event: String
    package let cure: String

    package init(_ event: String, cure: String) {
        self.event = event
        self.cure = cure
    }

    package var sentence: String { "\(event): \(cure)." }
}

/// What may be a token: visible ASCII, which holds all of the b64token of RFC 6750 section 2.1.
package func isToken(_ text: String) -> Bool {
    !text.isEmpty && text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F }
}
