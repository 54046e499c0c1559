import Domain
import Store
import Support
import Testing

@Suite("The policy in the store")
struct PolicyStoreTests {
    private let now = FixedClock().now()

    private func rule(_ scope: String?, from: Instant) -> PolicyRule {
        PolicyRule(scope: scope, requiresTOTP: true, from: from, madeAt: now)
    }

    @Test(
        "Rules are kept in their order, and those to come are cancelled for one user type or for all",
        arguments: TestEngine.allCases)
    func cancelled(engine: TestEngine) throws {
        let fixture = try TemporaryDatabase(on: engine)
        let now = now
        let rules = [
            rule(nil, from: now), rule("penyedia", from: now + .days(1)), rule("non-penyedia", from: now + .days(2)),
            rule(nil, from: now + .days(3)),
        ]
        try fixture.database.write { transaction in
            for rule in rules { try transaction.addPolicyRule(rule, by: "operator") }
        }
        #expect(try fixture.database.read { try $0.policyRules() } == rules)
        #expect(try fixture.database.write { try $0.cancelUpcomingRules(scope: "penyedia", after: now) } == 1)
        #expect(try fixture.database.read { try $0.policyRules() } == [rules[0], rules[2], rules[3]])
        #expect(try fixture.database.write { try $0.cancelUpcomingRules(scope: nil, after: now) } == 2)
        #expect(try fixture.database.read { try $0.policyRules() } == [rules[0]])
    }
}
