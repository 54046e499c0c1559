import Domain
import Testing

@Suite("Retry policy")
struct RetryPolicyTests {
    private static let now = Instant(milliseconds: 1_000_000)
    private static let randoms = [0, 0.25, 0.5, 0.75, 0.999_999]

    @Test("The waits of a link are 5 s, 15 s, 45 s, 2 min, 5 min and 5 min again, give or take a fifth")
    func link() {
        let expected = [5.0, 15, 45, 120, 300, 300, 300]
        for (attempt, seconds) in zip(1..., expected) {
            #expect(RetryPolicy.link.delay(after: attempt, random: 0.5).seconds == seconds)
            for random in Self.randoms {
                let delay = RetryPolicy.link.delay(after: attempt, random: random).seconds
                #expect(delay >= seconds * 0.8 && delay < seconds * 1.2)
            }
            #expect(RetryPolicy.link.delay(after: attempt, random: 0).seconds == seconds * 0.8)
        }
    }

    @Test("The waits of a notice begin alike and grow to hours, for it may be days late")
    func notice() {
        let expected = [5.0, 15, 45, 120, 300, 900, 3_600, 14_400, 14_400]
        for (attempt, seconds) in zip(1..., expected) {
            #expect(RetryPolicy.notice.delay(after: attempt, random: 0.5).seconds == seconds)
        }
    }

    @Test("An attempt number that cannot be has the first wait", arguments: [0, -1, Int.min])
    func oddNumbers(attempt: Int) {
        #expect(RetryPolicy.link.delay(after: attempt, random: 0.5) == .seconds(5))
    }

    @Test("An enormous attempt number has the last wait")
    func enormous() {
        #expect(RetryPolicy.link.delay(after: .max, random: 0.5) == .minutes(5))
    }

    @Test("The next try is before the end of the job's life, or not at all")
    func next() {
        let policy = RetryPolicy.link
        func next(_ life: TimeSpan) -> Instant? {
            policy.next(after: 1, at: Self.now, until: Self.now + life, random: 0.5)
        }
        #expect(next(.seconds(5) + .milliseconds(1)) == Self.now + .seconds(5))
        #expect(next(.seconds(5)) == nil)
        #expect(next(.seconds(0)) == nil)
        #expect(next(.seconds(-60)) == nil)
    }

    @Test(
        "Following its own advice, a link is tried at least five times in its half hour and never after",
        arguments: randoms)
    func whole(random: Double) {
        let end = Self.now + JobKind.resetRequest.lifetime(linkLifetime: .minutes(30))
        var (now, tries) = (Self.now, 1)
        while let next = RetryPolicy.policy(for: .resetRequest).next(after: tries, at: now, until: end, random: random)
        {
            #expect(next > now && next < end)
            (now, tries) = (next, tries + 1)
        }
        #expect((5...15).contains(tries))
    }

    @Test("A notice is tried for four days", arguments: Notice.allCases)
    func wholeNotice(notice: Notice) {
        let end = Self.now + notice.kind.lifetime(linkLifetime: .minutes(30))
        var (now, tries) = (Self.now, 1)
        while let next = RetryPolicy.policy(for: notice.kind).next(after: tries, at: now, until: end, random: 0.5) {
            (now, tries) = (next, tries + 1)
        }
        #expect(now - Self.now > .days(3))
        #expect(tries < 50)
    }

    @Test("Each kind lives as long as its mail is of use")
    func lifetimes() {
        #expect(JobKind.resetRequest.lifetime(linkLifetime: .minutes(7)) == .minutes(7))
        for notice in Notice.allCases { #expect(notice.kind.lifetime(linkLifetime: .minutes(7)) == .days(4)) }
        #expect(JobKind.mailTest.lifetime(linkLifetime: .minutes(7)) == .minutes(10))
    }
}

extension TimeSpan {
    static func + (left: TimeSpan, right: TimeSpan) -> TimeSpan {
        .milliseconds(left.milliseconds + right.milliseconds)
    }
}
