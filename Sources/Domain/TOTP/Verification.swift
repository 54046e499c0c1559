import Cryptography

extension TOTP {
    /// Largest drift that is learnt, in seconds: two steps of the standard period, and none of a period that is longer.
    /// With a window of 1 no standard code further than three steps off is accepted.
    package static let maximumDriftSeconds = 60

    /// How far outside the window a code still counts as a near miss, in seconds from the server's clock.
    package static let nearMissSeconds = 600

    /// Judges a typed code.
    ///
    /// Accepted are the codes from the server's step to the step that the phone should be at, and `window` steps to
    /// either side. So a learnt drift only ever adds codes, and a phone whose clock was put right still gets in.
    ///
    /// Each comparison takes constant time. The search ends with the first fresh match, which the answer tells anyway.
    ///
    /// - Parameters:
    ///   - code: the digits, as `TypedCode.canonical` gives them.
    ///   - secret: the account's secret.
    ///   - parameters: how its authenticator makes codes.
    ///   - epochMilliseconds: the server's time.
    ///   - lastAcceptedStep: the step of the account's last accepted code, that of its enrolment included.
    ///   - drift: steps by which the phone was ahead of the server at that code.
    ///   - window: steps of tolerance; RFC 6238, section 5.2 recommends at most one.
    ///   - nearMissSeconds: how far to look for a near miss; 0 saves the cost of it.
    /// - Returns: the result, with what to keep if it is `accepted`.
    package static func verify(
        code: String, secret: TOTPSecret, parameters: TOTPParameters, at epochMilliseconds: Int64,
        lastAcceptedStep: TimeStep?, drift: Int = 0, window: Int = 1, nearMissSeconds: Int = nearMissSeconds
    ) -> VerificationResult {
        guard let typed = number(code, digits: parameters.digits) else { return .malformed }
        let generator = CodeGenerator(secret: secret, parameters: parameters)
        let now = step(at: epochMilliseconds, period: parameters.period)
        let maximumDrift = min(2, maximumDriftSeconds / parameters.period)
        func limited(_ drift: Int) -> Int { min(max(drift, -maximumDrift), maximumDrift) }
        let phone = now.advanced(by: limited(drift))
        let accepted = min(now, phone).advanced(by: -window)...max(now, phone).advanced(by: window)

        if let match = search(accepted, from: phone, for: typed, generator, last: lastAcceptedStep) {
            return match.isFresh
                ? .accepted(step: match.step, drift: limited(now.distance(to: match.step)))
                : spent(match.step, last: lastAcceptedStep)
        }
        let reach = nearMissSeconds / parameters.period
        let near = now.advanced(by: -reach)...now.advanced(by: reach)
        if reach > 0, let match = search(near, from: now, for: typed, generator, last: lastAcceptedStep) {
            return match.isFresh
                ? .nearMiss(stepsOff: now.distance(to: match.step)) : spent(match.step, last: lastAcceptedStep)
        }
        return .wrong
    }

    private static func spent(_ step: TimeStep, last: TimeStep?) -> VerificationResult {
        step == last ? .replayed(step: step) : .outdated(step: step)
    }

    private struct Match {
        let step: TimeStep
        let isFresh: Bool
    }

    /// The fresh step that `typed` is the code of, or failing that a spent one; those nearest to `center` come first.
    private static func search(
        _ range: ClosedRange<TimeStep>, from center: TimeStep, for typed: UInt32,
        _ generator: borrowing CodeGenerator, last: TimeStep?
    ) -> Match? {
        var spent: Match?
        let farthest = max(range.lowerBound.distance(to: center), center.distance(to: range.upperBound))
        for index in 0...2 * farthest {
            // 0, -1, 1, -2, 2, …
            let step = center.advanced(by: index.isMultiple(of: 2) ? index / 2 : -(index + 1) / 2)
            guard range.contains(step), constantTimeEqual(typed, generator.code(at: step)) else { continue }
            let match = Match(step: step, isFresh: last.map { step > $0 } ?? true)
            if match.isFresh { return match }
            spent = match
        }
        return spent
    }

    /// The value of a code that is exactly `count` ASCII digits, which makes it the only spelling of that value.
    private static func number(_ code: String, digits count: Int) -> UInt32? {
        guard code.utf8.count == count else { return nil }
        var number: UInt32 = 0
        for byte in code.utf8 {
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return nil }
            number = number * 10 + UInt32(byte - UInt8(ascii: "0"))
        }
        return number
    }
}
