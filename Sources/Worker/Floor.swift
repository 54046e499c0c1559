import Domain
import Threading

/// What the dispatcher and the lanes share: errands on their way out, reports on their way back.
final class Floor: Sendable {
    fileprivate struct State: Sendable {
        var errands: [Errand] = []
        var reports: [Report] = []
        var busy = 0
        /// How often the dispatcher has come for news.
        var turns = 0
        /// At the start the dispatcher looks for itself.
        var isRung = true
        var isStopping = false
        var isClosed = false
    }

    /// What the dispatcher was woken for.
    struct News: Sendable {
        var reports: [Report] = []
        var isStopping = false
    }

    private let state = Monitor(State())

    /// There may be work.
    func ring() { state.withLock { $0.isRung = true } }

    /// No new work from now on; what no lane has begun comes back untried.
    func stop() {
        state.withLock { state in
            state.isStopping = true
            state.returnErrands()
        }
    }

    /// Lanes end once they have nothing in hand.
    func close() { state.withLock { $0.isClosed = true } }

    func hand(out errands: [Errand]) {
        state.withLock { state in
            state.errands += errands
            if state.isStopping { state.returnErrands() }
        }
    }

    /// The dispatcher waits for news: reports, a ring, or `stop`.
    func news(timeout: Duration) -> News {
        state.withLock { $0.turns += 1 }
        let news: News? = state.wait(timeout: timeout) { state in
            guard !state.reports.isEmpty || state.isRung || state.isStopping else { return nil }
            defer {
                state.reports = []
                state.isRung = false
            }
            return News(reports: state.reports, isStopping: state.isStopping)
        }
        return news ?? News()
    }

    /// After `stop`: waits for the lanes to report; empty when none did in time.
    func lastReports(timeout: Duration) -> [Report] {
        let reports: [Report]? = state.wait(timeout: timeout) { state in
            guard !state.reports.isEmpty else { return nil }
            defer { state.reports = [] }
            return state.reports
        }
        return reports ?? []
    }

    var turns: Int { state.withLock { $0.turns } }

    var busy: Int { state.withLock { $0.busy } }

    /// A lane waits for its next errand; nil when there will be none.
    func next() -> Errand? {
        let next: Errand?? = state.wait { state in
            if !state.errands.isEmpty {
                state.busy += 1
                return .some(state.errands.removeFirst())
            }
            return state.isClosed ? .some(nil) : nil
        }
        return next ?? nil
    }

    /// A lane is done with an errand. When the relay is at fault nobody else need try: what waits comes back untried.
    func done(_ report: Report) {
        state.withLock { state in
            state.busy -= 1
            state.reports.append(report)
            if report.trial?.delivery.verdict == .relayFault { state.returnErrands() }
        }
    }
}

extension Floor.State {
    fileprivate mutating func returnErrands() {
        reports += errands.map { Report(errand: $0, trial: nil) }
        errands = []
    }
}
