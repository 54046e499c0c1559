import Foundation
import Glibc
import Support
import Testing
import Threading

/// Kills machines at random moments while people ask for resets, and holds the promises against what comes of it.
struct FailoverDrill {
    private let machines: Machines
    private let people: Int
    private let history: FailoverHistory
    private let random: SeededRandom
    private let crowd: FailoverPeople

    /// An answer that takes longer is none.
    private static let longestAnswer = Duration.seconds(8)
    /// From a new primary until every portal serves.
    private static let longestHealing = Duration.seconds(10)
    /// Who come at once when the primary is lost.
    private static let visitors = 60
    /// Who opens the link, of how many.
    private static let openers = 3

    init(_ machines: Machines, seed: UInt64, people: Int) throws {
        (self.machines, self.people) = (machines, people)
        history = FailoverHistory(seed: seed)
        random = SeededRandom(seed)
        crowd = try FailoverPeople(machines, history)
    }

    func run(failovers: Int) throws {
        // So long that there is time to die while a mail is sent.
        try machines.mail.follow([.delay(.milliseconds(30), at: .body)])
        let asking = ask()
        let opening = openLinks()
        let share = people / failovers
        for number in 0..<failovers {
            let begin = number * share
            try killSome(after: begin + share / 8)
            try killSome(after: begin + share / 4)
            try history.waitForAcknowledged(begin + share / 2)
            try failOver(isHang: number % 3 == 2)
            try killSome(after: begin + share * 3 / 4)
            if number + 1 < failovers { try rejoin(isShaken: number % 2 == 1) }
        }
        for load in asking { try load.finish() }
        try opening.finish()
        var check = FailoverCheck(
            machines, history, opened: Set((1...people).filter { $0 % Self.openers == 0 }))
        try check.run()
        for machine in machines.portals + machines.workers {
            #expect(try machine.stop() == .code(0), "\(machine.transcript)")
        }
        let summary = FailoverSummary(history, check, opened: people / Self.openers)
        #expect(summary.slowestAnswer < Self.longestAnswer, "\(history.story)")
        #expect(history.longest(.refusal) < Self.longestAnswer, "\(history.story)")
        print(summary)
    }

    // MARK: - People

    private func ask() -> [FailoverLoad] {
        let next = Monitor(0)
        return (0..<4).map { _ in
            FailoverLoad { [crowd, people] in
                while true {
                    let person = next.withLock { next in
                        next += 1
                        return next
                    }
                    guard person <= people else { return }
                    try crowd.ask(person)
                }
            }
        }
    }

    private func openLinks() -> FailoverLoad {
        FailoverLoad { [crowd, people] in
            for person in 1...people where person % Self.openers == 0 { try crowd.open(person) }
        }
    }

    // MARK: - Faults

    /// One worker and one portal die and are started again.
    private func killSome(after count: Int) throws {
        try history.waitForAcknowledged(count)
        for machine in [pick(machines.workers), pick(machines.portals)] {
            history.waitForMore(random.below(8), within: .milliseconds(200))
            try machine.kill()
            history.note("\(machine.role) killed")
            #expect(try machine.start(), "\(history.story)")
        }
    }

    /// - Parameter isHang: whether the primary stands still before it is fenced, and does not just vanish.
    private func failOver(isHang: Bool) throws {
        history.waitForMore(random.below(12), within: .milliseconds(300))
        let old = machines.database.primary
        isHang ? old.freeze() : try old.kill()
        history.note(isHang ? "primary hangs" : "primary killed", old.name)
        let lost = ContinuousClock.now
        // One of each dies while there is no primary.
        let victims = [pick(machines.workers), pick(machines.portals)]
        for victim in victims { try victim.kill() }
        history.note("worker killed")
        history.note("portal killed")
        let portals = machines.portals.filter(\.isRunning)
        // More than a portal has threads: none waits behind the others.
        _ = try inParallel(Self.visitors) { [crowd] in try crowd.isServed(by: portals[$0 % portals.count]) }
        for portal in portals {
            let words = "\(portal.port.number) says that it cannot serve\n\(history.story)"
            try Eventually.holds(words) { try !crowd.isServed(by: portal) }
        }
        // So many are turned away before the other takes over.
        history.waitForMore(random.below(80), within: .seconds(2))
        if isHang { try old.kill() }
        try machines.database.promote()
        history.note("failover", machines.database.primary.name)
        let promoted = ContinuousClock.now
        for portal in portals {
            try Eventually.holds("\(portal.port.number) heals\n\(history.story)", timeout: Self.longestHealing) {
                try crowd.isServed(by: portal)
            }
        }
        history.note(.healing, ContinuousClock.now - promoted)
        history.note(.outage, ContinuousClock.now - lost)
        let dead = (machines.portals + machines.workers).filter { !$0.isRunning }
        #expect(dead.count == victims.count, "others ended too\n\(history.story)")
        for victim in victims { #expect(try victim.start(), "\(history.story)") }
    }

    /// The old primary comes back as the standby. - Parameter isShaken: whether it is lost again while commits wait for it.
    private func rejoin(isShaken: Bool) throws {
        try machines.database.setUpStandby()
        history.note("standby is back", machines.database.standby.name)
        guard isShaken else { return }
        machines.database.standby.freeze()
        history.note("standby hangs")
        // Some have waited for longer than anybody does, and some came after them.
        history.waitForMore(1 + random.below(40), within: .seconds(6)) { if case .refused = $0 { true } else { false } }
        machines.database.standby.thaw()
        history.note("standby goes on")
    }

    private func pick(_ machines: [Machines.Machine]) -> Machines.Machine { machines[random.below(machines.count)] }
}
