import Domain
import Testing

@Suite("Whose turn it is in the queue")
struct ClaimSharesTests {
    private static let plenty: [JobClass: Int] = [.urgent: 1000, .normal: 1000, .bulk: 1000]

    @Test(
        "While all classes wait, of any ten claims in a row one goes to each lower class and the rest are urgent",
        arguments: [1, 2, 3, 7, 10, 64])
    func shares(limit: Int) {
        var shares = ClaimShares()
        var claimed: [JobClass] = []
        while claimed.count < 200 {
            let chosen = shares.choose(limit, of: Self.plenty)
            #expect(chosen.values.reduce(0, +) == limit)
            claimed += JobClass.allCases.flatMap { Array(repeating: $0, count: chosen[$0, default: 0]) }
        }
        let count = { (jobClass: JobClass) in claimed.count { $0 == jobClass } }
        #expect(count(.normal) >= claimed.count / 10 - 1 && count(.bulk) >= claimed.count / 10 - 1)
        #expect(count(.urgent) >= claimed.count * 7 / 10)
    }

    @Test("One urgent job is claimed next, whatever waits, unless another class is due")
    func urgent() {
        var shares = ClaimShares()
        for _ in 0..<50 { _ = shares.choose(8, of: [.normal: 100_000]) }
        #expect(shares.choose(1, of: [.urgent: 1, .normal: 100_000]) == [.urgent: 1])
    }

    @Test("Nobody waits for a class that is empty")
    func workConserving() {
        var shares = ClaimShares()
        #expect(shares.choose(8, of: [.bulk: 3]) == [.bulk: 3])
        #expect(shares.choose(8, of: [.urgent: 2, .bulk: 100]) == [.urgent: 2, .bulk: 6])
        #expect(shares.choose(0, of: Self.plenty).isEmpty)
        #expect(shares.choose(8, of: [:]).isEmpty)
    }
}
