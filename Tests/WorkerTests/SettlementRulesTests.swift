import Domain
import Support
import Testing

@testable import Worker

/// The table of what a delivery's outcome means for its job.
@Suite("What a delivery means for its job")
struct SettlementRulesTests {
    private static let now = Instant(milliseconds: 1_000_000)

    private func result(
        _ outcome: Delivery.Outcome?, kind: JobKind = .resetRequest, attempts: Int = 1, unknowns: Int = 0,
        life: TimeSpan = .minutes(30)
    ) -> DeliveryResult {
        let job = Job(
            id: 1, kind: kind.rawValue, state: .running, payload: "{}", createdAt: Self.now, runAt: Self.now, token: 1,
            attempts: attempts, unknowns: unknowns, leaseUntil: nil, worker: "w", outcome: nil, reason: nil,
            finishedAt: nil)
        let task = DeliveryTask(job: job, kind: kind, expiry: Self.now + life) {
            TemplatedMail(
                template: .test, language: .english, recipient: "", values: [:], messageID: "", date: Self.now)
        }
        return DeliveryResult(
            task: task,
            attempt: outcome.map { .init(startedAt: Self.now, delivery: RecordingCourier.delivery($0)) })
    }

    private func settlement(
        _ result: DeliveryResult, relayTakesMail: Bool = false, random: Double = 0.5
    ) -> Settlement {
        SettlementRules.settlement(for: result, relayTakesMail: relayTakesMail, at: Self.now, random: random)
    }

    @Test("Delivered is done, with the relay's words")
    func delivered() {
        #expect(settlement(result(.delivered)) == .done(outcome: .mailed, reason: "2.0.0 queued"))
        // Also when the link has run out meanwhile: what is gone is gone.
        #expect(settlement(result(.delivered, life: .seconds(-1))) == .done(outcome: .mailed, reason: "2.0.0 queued"))
    }

    @Test("Permanent is dead at once")
    func permanent() {
        #expect(
            settlement(result(.permanent))
                == .dead(outcome: .rejected, reason: "relay.test:25 said: 5.1.1 no such mailbox"))
    }

    @Test("Temporary waits, longer each time")
    func temporary() {
        let reason = "relay.test:25 said: 4.2.0 try again later"
        for (attempt, seconds) in zip(1..., [5, 15, 45, 120, 300, 300] as [Int64]) {
            #expect(
                settlement(result(.temporary, attempts: attempt))
                    == .retry(at: Self.now + .seconds(seconds), reason: reason, unknown: false))
        }
        #expect(
            settlement(result(.temporary, kind: .resetNotice, attempts: 8, life: .days(4)))
                == .retry(at: Self.now + .hours(4), reason: reason, unknown: false))
    }

    @Test(
        "Nothing is tried again past the end of its life",
        arguments: [Delivery.Outcome.temporary, .unknown, .relayFault])
    func life(outcome: Delivery.Outcome) {
        let reason = RecordingCourier.delivery(outcome).explanation
        #expect(settlement(result(outcome, life: .seconds(5))) == .dead(outcome: .expired, reason: reason))
        #expect(
            settlement(result(outcome, life: .seconds(5) + .milliseconds(1)))
                != .dead(outcome: .expired, reason: reason))
    }

    @Test("Unknown is tried once more, and then dead")
    func unknown() {
        let reason = "relay.test:25 said: connection lost after the body"
        #expect(settlement(result(.unknown)) == .retry(at: Self.now + .seconds(5), reason: reason, unknown: true))
        #expect(settlement(result(.unknown, attempts: 2, unknowns: 1)) == .dead(outcome: .unknown, reason: reason))
        #expect(settlement(result(.temporary, attempts: 3, unknowns: 1)) != .dead(outcome: .unknown, reason: reason))
    }

    @Test("A fault of the relay gives the attempt back and lets others go first")
    func relayFault() {
        #expect(
            settlement(result(.relayFault))
                == .release(until: Self.now + .seconds(5), reason: "relay.test:25 said: connection refused"))
    }

    @Test("What one relay failed over another may take at once, to the end of its life")
    func otherRelay() {
        let reason = RecordingCourier.delivery(.relayFault).explanation
        for life in [TimeSpan.minutes(30), .milliseconds(1)] {
            #expect(
                settlement(result(.relayFault, life: life), relayTakesMail: true)
                    == .release(until: nil, reason: reason))
        }
        #expect(
            settlement(result(.relayFault, life: .seconds(0)), relayTakesMail: true)
                == .dead(outcome: .expired, reason: reason))
        #expect(
            settlement(result(.unknown), relayTakesMail: true)
                == settlement(result(.unknown), relayTakesMail: false))
    }

    @Test("What was handed back untried keeps its place and leaves no line in the history")
    func untried() {
        #expect(settlement(result(nil)) == .release(until: nil, reason: "handed back untried"))
        #expect(SettlementRules.attempt(for: result(nil), worker: "w") == nil)
    }

    @Test("Every try is a line in the history", arguments: Delivery.Outcome.allCases)
    func attempt(outcome: Delivery.Outcome) throws {
        let attempt = try #require(SettlementRules.attempt(for: result(outcome, attempts: 3), worker: "w"))
        let delivery = RecordingCourier.delivery(outcome)
        #expect((attempt.number, attempt.worker, attempt.startedAt) == (3, "w", Self.now))
        #expect(
            (attempt.outcome, attempt.stage, attempt.code, attempt.reply) == (
                outcome, delivery.stage, delivery.code, delivery.reply
            ))
    }
}

extension TimeSpan {
    static func + (left: TimeSpan, right: TimeSpan) -> TimeSpan {
        .milliseconds(left.milliseconds + right.milliseconds)
    }
}
