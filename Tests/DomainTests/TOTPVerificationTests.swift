import Cryptography
import Domain
import Testing

@Suite("TOTP verification")
struct TOTPVerificationTests {
    /// Chosen so that all codes within 100 steps of `now` differ; `codesDiffer` holds it to that.
    private static let secret = TOTPSecret(bytes: Array("a fixed test secret!".utf8))!
    private static let now = TOTP.step(at: 1_800_000_015_000, period: 30)
    private static let epochMilliseconds: Int64 = 1_800_000_015_000

    /// What an authenticator shows whose clock is `steps` ahead of the server's.
    private func shown(_ steps: Int, _ parameters: TOTPParameters = .standard) -> String {
        TOTP.code(secret: Self.secret, parameters: parameters, step: Self.now.advanced(by: steps))
    }

    private func verify(
        _ code: String, parameters: TOTPParameters = .standard, at moment: Int64 = epochMilliseconds,
        last: Int? = nil, drift: Int = 0, window: Int = 1, nearMissSeconds: Int = TOTP.nearMissSeconds
    ) -> TOTP.VerificationResult {
        TOTP.verify(
            code: code, secret: Self.secret, parameters: parameters, at: moment,
            lastAcceptedStep: last.map { Self.now.advanced(by: $0) }, drift: drift, window: window,
            nearMissSeconds: nearMissSeconds)
    }

    @Test("the fixture's codes all differ, so that a verdict names one step")
    func codesDiffer() {
        #expect(Set((-100...100).map { shown($0) }).count == 201)
    }

    @Test("accepts one step to either side, tells of twenty, and knows nothing beyond", arguments: -25...25)
    func grid(steps: Int) {
        let expected: TOTP.VerificationResult =
            switch abs(steps) {
            case 0...1: .accepted(step: Self.now.advanced(by: steps), drift: steps)
            case 2...20: .nearMiss(stepsOff: steps)
            default: .wrong
            }
        #expect(verify(shown(steps)) == expected)
    }

    @Test("to the millisecond, a code lives from one period before its step to one period after it")
    func edges() {
        let start = Self.now.counter * 30_000
        let lifetimes: [(Int64, Bool)] = [
            (start - 30_001, false), (start - 30_000, true), (start, true), (start + 59_999, true),
            (start + 60_000, false),
        ]
        for (moment, accepted) in lifetimes {
            let verdict = verify(shown(0), at: moment)
            if case .accepted(let step, _) = verdict {
                #expect(accepted && step == Self.now)
            } else {
                #expect(!accepted, "at \(moment - start) ms: \(verdict)")
            }
        }
    }

    @Test("takes a window of none when told so")
    func noWindow() {
        #expect(verify(shown(0), window: 0) == .accepted(step: Self.now, drift: 0))
        #expect(verify(shown(1), window: 0) == .nearMiss(stepsOff: 1))
        #expect(verify(shown(-1), window: 0) == .nearMiss(stepsOff: -1))
    }

    @Test("accepts no step at or before the last accepted one")
    func replay() {
        for last in -2...1 {
            for steps in -1...1 {
                let step = Self.now.advanced(by: steps)
                let expected: TOTP.VerificationResult =
                    steps > last
                    ? .accepted(step: step, drift: steps)
                    : steps == last ? .replayed(step: step) : .outdated(step: step)
                #expect(verify(shown(steps), last: last) == expected, "step \(steps) after \(last)")
            }
        }
    }

    @Test("calls an old code of a spent step replayed, and one before it outdated, not a sign of a slow clock")
    func oldReplay() {
        #expect(verify(shown(-10), last: -10) == .replayed(step: Self.now.advanced(by: -10)))
        #expect(verify(shown(-10), last: -3) == .outdated(step: Self.now.advanced(by: -10)))
        #expect(verify(shown(-10), last: -11) == .nearMiss(stepsOff: -10))
    }

    @Test("a code logs in once, however often it is typed, and the next one logs in again")
    func twice() throws {
        guard case .accepted(let step, let drift) = verify(shown(0)) else {
            Issue.record("the first login failed")
            return
        }
        let last = Self.now.distance(to: step)
        #expect(verify(shown(0), last: last, drift: drift) == .replayed(step: step))
        #expect(verify(shown(-1), last: last, drift: drift) == .outdated(step: step.advanced(by: -1)))
        #expect(
            verify(shown(1), last: last, drift: drift) == .accepted(step: step.advanced(by: 1), drift: 1))
    }

    @Test("learns a drift, up to a limit", arguments: [1, -1])
    func drift(direction: Int) {
        var drift = 0
        for steps in 1...3 {
            #expect(
                verify(shown(steps * direction), drift: drift)
                    == .accepted(
                        step: Self.now.advanced(by: steps * direction),
                        drift: min(steps, 2) * direction))
            drift = min(steps, 2) * direction
        }
        #expect(verify(shown(4 * direction), drift: drift) == .nearMiss(stepsOff: 4 * direction))
        #expect(verify(shown(4 * direction), drift: 1000 * direction) == .nearMiss(stepsOff: 4 * direction))
    }

    @Test("whatever was learnt, a phone that shows the right time gets in", arguments: -5...5)
    func correctedClock(drift: Int) {
        for steps in -1...1 {
            #expect(
                verify(shown(steps), drift: drift) == .accepted(step: Self.now.advanced(by: steps), drift: steps))
        }
    }

    @Test("at the largest drift exactly five codes are accepted")
    func candidateCount() {
        let accepted = (-30...30).filter {
            if case .accepted = verify(shown($0), drift: 2) { true } else { false }
        }
        #expect(accepted == [-1, 0, 1, 2, 3])
    }

    @Test("tells of a clock that is behind, never of one that is ahead")
    func hint() {
        #expect(verify(shown(-5)).mayRevealClockError)
        #expect(!verify(shown(5)).mayRevealClockError)
        #expect(!verify(shown(0)).mayRevealClockError)
        #expect(!TOTP.VerificationResult.wrong.mayRevealClockError)
    }

    @Test("looks for no near miss when told not to")
    func noReach() {
        #expect(verify(shown(5), nearMissSeconds: 0) == .wrong)
        #expect(verify(shown(1), nearMissSeconds: 0) == .accepted(step: Self.now.advanced(by: 1), drift: 1))
    }

    @Test("a code of another secret, algorithm or length is wrong")
    func strangers() throws {
        let other = try #require(TOTPSecret(bytes: Array("another test secret!".utf8)))
        #expect(verify(TOTP.code(secret: other, parameters: .standard, step: Self.now)) == .wrong)
        #expect(verify(shown(0, try TOTPParameters(algorithm: .sha256))) == .wrong)
        #expect(verify(shown(0, try TOTPParameters(digits: 8))) == .malformed)
    }

    @Test("each single changed digit makes a code wrong")
    func changedDigits() throws {
        let parameters = try TOTPParameters(digits: 8)
        let code = Array(shown(0, parameters).utf8)
        for index in code.indices {
            for digit in UInt8(ascii: "0")...UInt8(ascii: "9") where digit != code[index] {
                var changed = code
                changed[index] = digit
                #expect(verify(String(decoding: changed, as: UTF8.self), parameters: parameters) == .wrong)
            }
        }
    }

    @Test(
        "whatever is not six ASCII digits is malformed",
        arguments: [
            "", "1", "12345", "1234567", "12345678", "123 456", " 123456", "123456 ", "123456\n", "123456\r\n",
            "\n12345",
            "+12345", "-12345", "12345a", "0x1234", "1e5000", "12.345", "123-45", "123456\0", "\0123456", "12345\0",
            "１２３４５６", "１２", "١٢٣٤٥٦", "١٢٣", "१२३४५६", "12345\u{0660}", "12345６", "１23", "123456\u{200B}", "①②③④⑤⑥",
            "12345\u{0301}6", "½½½", "\u{1D7CE}\u{1D7CE}",
        ])
    func malformed(_ code: String) {
        #expect(verify(code) == .malformed)
    }

    @Test("a code may begin with zeros, and needs them")
    func leadingZeros() throws {
        let step = try #require(
            (0..<10_000).lazy.map { TimeStep(Int64($0)) }.first {
                TOTP.code(secret: Self.secret, parameters: .standard, step: $0).hasPrefix("00")
            })
        let code = TOTP.code(secret: Self.secret, parameters: .standard, step: step)
        let moment = step.counter * 30_000
        #expect(verify(code, at: moment) == .accepted(step: step, drift: 0))
        #expect(verify(String(code.dropFirst(2)), at: moment) == .malformed)
    }
}
