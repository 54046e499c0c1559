import Domain

/// What happened within the last day, by half hours.
struct DailyStatistics: Sendable {
    struct Slot: Sendable {
        let start: Instant
        var arrived = 0
        var mailed = 0
        /// What did not pass validation: nobody is to be mailed.
        var refused = 0
        /// Given up, whatever the reason.
        var failed = 0
        /// Seconds from creation to the first claim.
        var waits = Histogram()

        var isEmpty: Bool { arrived + mailed + refused + failed + waits.count == 0 }
    }

    static let slotLength = TimeSpan.minutes(30)
    static let slotCount = 48

    /// Oldest first; the last is the one that now is in.
    let slots: [Slot]

    /// From where on tallies are wanted.
    static func start(at now: Instant) -> Instant {
        let length = slotLength.milliseconds
        let last = now.milliseconds.flooredDivision(by: length).quotient * length
        return Instant(milliseconds: last) - .milliseconds(Int64(slotCount - 1) * length)
    }

    init(_ statistics: [Statistic], at now: Instant) {
        let start = Self.start(at: now)
        var slots = (0..<Self.slotCount).map { index in
            Slot(start: start + .milliseconds(Int64(index) * Self.slotLength.milliseconds))
        }
        // The pictures are of mail.
        let mails = statistics.filter { JobKind.isMail($0.kind) }
        let bySlot = Dictionary(grouping: mails) { statistic in
            Int((statistic.slot - start).milliseconds.flooredDivision(by: Self.slotLength.milliseconds).quotient)
        }
        for (index, statistics) in bySlot where slots.indices.contains(index) {
            for statistic in statistics { slots[index].add(statistic) }
            slots[index].waits = Histogram(statistics.filter { $0.name == .waited })
        }
        self.slots = slots
    }

    func sum(_ number: (Slot) -> Int) -> Int { slots.reduce(0) { $0 + number($1) } }
}

extension DailyStatistics.Slot {
    fileprivate mutating func add(_ statistic: Statistic) {
        switch (statistic.name, Settlement.Outcome(rawValue: statistic.label)) {
        case (.arrived, _): arrived += statistic.count
        case (.finished, .mailed): mailed += statistic.count
        case (.finished, .refused): refused += statistic.count
        case (.finished, _): failed += statistic.count
        default: break
        }
    }

    /// How many waited that long.
    func waits(_ length: WaitTimeBucket) -> Int {
        zip(HistogramBuckets.bounds + [.infinity], waits.counts).filter { WaitTimeBucket(bound: $0.0) == length }
            .reduce(0) { $0 + $1.1 }
    }
}

/// How long jobs waited, in classes that operators think in.
enum WaitTimeBucket: Int, Sendable, CaseIterable {
    case second = 1
    case tenSeconds = 10
    case minute = 60
    case fiveMinutes = 300
    case halfHour = 1800
    case longer

    /// The class that holds durations up to this bound.
    init(bound: Double) { self = Self.allCases.first { bound <= Double($0.rawValue) } ?? .longer }

    var severity: ServiceStatus.Severity {
        switch self {
        case .second, .tenSeconds: .good
        case .minute, .fiveMinutes: .care
        case .halfHour, .longer: .alarm
        }
    }
}
