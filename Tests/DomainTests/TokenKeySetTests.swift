import Domain
import Testing

@Suite("Keys that sign tokens succeed each other")
struct TokenKeySetTests {
    private let now = Instant(milliseconds: 1_764_000_000_000)

    private func entry(_ algorithm: TokenAlgorithm, _ key: String, from: Instant) -> TokenKeySet<String>.Entry {
        .init(algorithm: algorithm, from: from, key: key)
    }

    @Test("Each algorithm has its own succession: a key signs from its moment until the next one's")
    func signing() {
        let set = TokenKeySet {
            [
                entry(.es256, "e2", from: now), entry(.es256, "e1", from: now - .days(30)),
                entry(.rs256, "r1", from: now - .days(30)), entry(.rs256, "r2", from: now + .hours(1)),
            ]
        }
        #expect(set.signingKey(.es256, at: now - .milliseconds(1)) == "e1")
        #expect(set.signingKey(.es256, at: now) == "e2")
        #expect(set.signingKey(.rs256, at: now) == "r1")
        #expect(set.signingKey(.rs256, at: now + .hours(1)) == "r2")
        // The clock was set back.
        #expect(set.signingKey(.es256, at: now - .days(60)) == "e1")
    }

    @Test("A key is published before it signs and for as long as what it signed may live")
    func publication() {
        let begin = now + TokenKeyTimes.publicationLead
        let end = begin + TokenKeyTimes.longestTokenLife
        let set = TokenKeySet { [entry(.es256, "old", from: now - .days(9)), entry(.es256, "new", from: begin)] }
        let states = { (moment: Instant) in set.standings(at: moment).map(\.state) }
        #expect(states(now) == [.current, .coming])
        #expect(set.published(at: now) == ["old", "new"])
        #expect(states(begin) == [.previous, .current])
        #expect(set.standings(at: begin).map(\.until) == [end, nil])
        #expect(set.published(at: end - .milliseconds(1)) == ["old", "new"])
        #expect(states(end) == [.expired, .current])
        #expect(set.published(at: end) == ["new"])
    }

    @Test("Whatever signed in the last hour is published, through any number of rotations")
    func everySigner() {
        let keys = (0..<6).map { entry(.rs256, "\($0)", from: now + .hours(Int64($0) * 10)) }
        let set = TokenKeySet { keys.reversed() }
        for minute in stride(from: Int64(0), to: 80 * 60, by: 7) {
            let moment = now + .minutes(minute)
            let published = set.published(at: moment)
            for back in 0...60 {
                #expect(published.contains(set.signingKey(.rs256, at: moment - .minutes(Int64(back)))))
            }
        }
    }
}
