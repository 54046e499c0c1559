import Foundation
import Support
import Threading

/// What happened while machines died, as those outside saw it.
final class FailoverHistory: Sendable {
    enum Event: Sendable {
        /// The person's request was taken: this number was shown.
        case acknowledged(request: String)
        /// 503, with the sentence that says so.
        case refused
        /// The connection broke or was not made: nobody knows what became of it.
        case unanswered
        /// A link was opened, and the answer says that it reset the TOTP.
        case confirmed
        /// A link was opened, and the answer says that it had been used before.
        case used
    }

    struct Entry: Sendable {
        let event: Event
        let person: Int
        let portal: Int
        /// Since the history began.
        let at: Duration
        /// From the question to the answer.
        let took: Duration
    }

    private struct State: Sendable {
        var entries: [Entry] = []
        var story: [String] = []
        var faults: [String: Int] = [:]
        var longest: [Span: Duration] = [:]
    }

    /// What is timed besides the answers to people.
    enum Span: String, CaseIterable {
        /// From the loss of the primary until every portal serves.
        case outage
        /// From the new primary until every portal serves.
        case healing
        /// Of one that is asked while there is no primary.
        case refusal
    }

    let seed: UInt64
    private let start = ContinuousClock.now
    private let state = Monitor(State())

    init(seed: UInt64) { self.seed = seed }

    /// Since the history began.
    var now: Duration { ContinuousClock.now - start }
    var entries: [Entry] { state.withLock { $0.entries } }

    func record(_ event: Event, person: Int, portal: Int, since asked: Duration) {
        let entry = Entry(event: event, person: person, portal: portal, at: now, took: now - asked)
        state.withLock { state in
            state.entries.append(entry)
            state.story.append("\(Self.text(entry.at)) portal \(portal), user\(person): \(event)")
        }
    }

    /// Notes what the test itself did; `kind` is counted.
    func note(_ kind: String, _ detail: String = "") {
        let at = Self.text(now)
        state.withLock { state in
            state.faults[kind, default: 0] += 1
            state.story.append("\(at) === \(kind) \(detail)")
        }
    }

    func note(_ span: Span, _ length: Duration) {
        state.withLock { $0.longest[span] = max($0.longest[span] ?? .zero, length) }
    }

    func longest(_ span: Span) -> Duration { state.withLock { $0.longest[span] ?? .zero } }

    /// Requests by person, each with the number that was shown.
    var acknowledged: [(person: Int, request: String)] {
        entries.compactMap { entry in
            guard case .acknowledged(let request) = entry.event else { return nil }
            return (entry.person, request)
        }
    }

    /// Waits until so many requests are acknowledged.
    func waitForAcknowledged(_ count: Int, timeout: Duration = .seconds(120)) throws {
        let reached: Bool? = state.wait(timeout: timeout) { state in
            let acknowledged = state.entries.count { if case .acknowledged = $0.event { true } else { false } }
            return acknowledged >= count ? true : nil
        }
        guard reached != nil else { throw SupportFailure("fewer than \(count) requests taken\n\(story)") }
    }

    /// Waits until so many more answers of this sort have come; no longer where nobody asks any more.
    func waitForMore(_ count: Int, within timeout: Duration, _ fits: (Event) -> Bool = { _ in true }) {
        let before = self.count(fits)
        let _: Void? = state.wait(timeout: timeout) { state in
            state.entries.count { fits($0.event) } >= before + count ? () : nil
        }
    }

    func count(_ fits: (Event) -> Bool) -> Int { entries.count { fits($0.event) } }

    /// All of it, for failures.
    var story: String { "seed \(seed)\n" + state.withLock { $0.story }.joined(separator: "\n") }

    /// What the test did, by kind.
    var faults: [String: Int] { state.withLock { $0.faults } }

    static func text(_ duration: Duration) -> String { String(format: "%.2f s", duration / .seconds(1)) }
}
