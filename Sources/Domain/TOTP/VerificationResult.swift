extension TOTP {
    /// What a typed code turned out to be. Only `accepted` lets anyone in.
    package enum VerificationResult: Sendable, Equatable {
        /// Right and fresh. The caller keeps both values: `step` as the last accepted one, in a single conditional
        /// update, because only that lets exactly one of several parallel logins use a code; `drift` for the next time.
        case accepted(step: TimeStep, drift: Int)

        /// The code that was accepted last (RFC 6238, section 5.2).
        case replayed(step: TimeStep)

        /// Right, but of a step before the last accepted one: it may never have been used, and is refused all the same.
        case outdated(step: TimeStep)

        /// Right for a moment outside the window: the phone's clock is ahead of the server's by `stepsOff`, or behind
        /// it if negative. Counts as a wrong code in every way; see `mayRevealClockError`.
        case nearMiss(stepsOff: Int)

        /// No code of this secret at any time near this one.
        case wrong

        /// Not exactly the right number of ASCII digits; nothing was computed.
        case malformed

        /// Whether the page may say that the phone's clock is off.
        ///
        /// Never of a clock that is ahead: such a code becomes valid later, and a guesser would learn that.
        /// A code of the past can no longer be used.
        package var mayRevealClockError: Bool {
            if case .nearMiss(let stepsOff) = self { stepsOff < 0 } else { false }
        }
    }
}
