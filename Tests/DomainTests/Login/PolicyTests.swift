import Domain
import Testing

@Suite("The policy")
struct PolicyTests {
    private func at(_ day: Int64) -> Instant { Instant(milliseconds: 0) + .days(day) }

    private func rule(_ scope: String?, _ on: Bool, from day: Int64, made: Int64 = 0) -> PolicyRule {
        PolicyRule(scope: scope, requiresTOTP: on, from: at(day), madeAt: at(made))
    }

    @Test("Without a rule TOTP is on")
    func standard() {
        #expect(Policy(rules: []).requiresTOTP("penyedia", at: at(0)))
        #expect(Policy(rules: []).upcoming(for: "penyedia", after: at(0)) == nil)
    }

    @Test("The rule that started last decides, for a type or for all; of two at once the one made later")
    func latest() {
        let policy = Policy(rules: [
            rule(nil, false, from: 1), rule("penyedia", true, from: 2), rule(nil, false, from: 3),
            rule(nil, true, from: 3),
        ])
        #expect(policy.requiresTOTP("penyedia", at: at(0)))
        #expect(!policy.requiresTOTP("penyedia", at: at(1)))
        #expect(policy.requiresTOTP("penyedia", at: at(2)))
        #expect(!policy.requiresTOTP("non-penyedia", at: at(2)))
        #expect(policy.requiresTOTP("non-penyedia", at: at(3)))
    }

    @Test("What comes is told when it changes something, to whom it concerns, and no longer once it is there")
    func coming() {
        let start = rule("penyedia", true, from: 5)
        let policy = Policy(rules: [rule(nil, false, from: 1), start, rule("penyedia", true, from: 9)])
        #expect(policy.upcoming(for: "penyedia", after: at(2)) == start)
        #expect(policy.upcoming(for: "non-penyedia", after: at(2)) == nil)
        #expect(policy.upcoming(for: "penyedia", after: at(5)) == nil)
        #expect(!policy.requiresTOTP("penyedia", at: at(5) - .milliseconds(1)))
        #expect(policy.requiresTOTP("penyedia", at: at(5)))
    }

    @Test("Types are compared byte for byte")
    func bytes() {
        let policy = Policy(rules: [rule("caf\u{e9}", false, from: 1)])
        #expect(policy.requiresTOTP("cafe\u{301}", at: at(2)))
        #expect(!policy.requiresTOTP("caf\u{e9}", at: at(2)))
    }

    @Test("The delay grows from the fifth failure on and never beyond a quarter of an hour")
    func delays() {
        let delays = (0...14).map { Throttle.delay(after: $0).milliseconds / 1000 }
        #expect(delays == [0, 0, 0, 0, 0, 10, 20, 40, 80, 160, 320, 640, 900, 900, 900])
        #expect(Throttle.delay(after: .max) == .minutes(15))
    }
}
