import Foundation
import Glibc
import Support
import Testing
import Threading

/// How many failovers the long form drives: `PULIH_FAILOVERS=6`, with `PULIH_SEED=N` as it was before.
private let environment = ProcessInfo.processInfo.environment
private let failovers = environment["PULIH_FAILOVERS"].flatMap(Int.init) ?? 0

/// Portals, workers and the primary die at any moment: nothing that was acknowledged is lost, and nothing is done twice.
@Suite(.serialized)
struct FailoverTests {
    @Test("One failover, with portals and workers killed before, during and after it")
    func oneFailover() throws {
        let machines = try Machines(people: 60)
        try FailoverDrill(machines, seed: 1, people: 60).run(failovers: 1)
    }

    @Test("Many failovers", .enabled(if: failovers > 0, "PULIH_FAILOVERS says how many"))
    func manyFailovers() throws {
        let seed = environment["PULIH_SEED"].flatMap(UInt64.init) ?? .random(in: 1...999_999)
        let people = failovers * 80
        let machines = try Machines(people: people)
        try FailoverDrill(machines, seed: seed, people: people).run(failovers: failovers)
    }
}
