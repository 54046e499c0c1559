import Domain
import Support
import Threading

/// Keeps what the worker tells, and lets a test wait for it: the worker's own word is the event to wait on.
final class RecordingLogger: Logger {
    struct Line: Sendable, CustomStringConvertible {
        let level: LogLevel
        let event: String
        let fields: [String: String]

        var description: String { "\(level) \(event) \(fields)" }
    }

    private let lines = Monitor<[Line]>([])

    func log(_ level: LogLevel, _ event: String, _ fields: KeyValuePairs<String, String>) {
        let line = Line(
            level: level, event: event, fields: Dictionary(fields.map { ($0.key, $0.value) }) { _, last in last })
        lines.withLock { $0.append(line) }
    }

    func all(_ event: String) -> [Line] { lines.withLock { $0 }.filter { $0.event == event } }

    /// Waits until the event has been told of this many times, by default once.
    @discardableResult
    func wait(for event: String, count: Int = 1, timeout: Duration = .seconds(10)) throws -> [Line] {
        try wait(timeout) { lines in
            let found = lines.filter { $0.event == event }
            return found.count >= count ? found : nil
        }
    }

    /// Waits until the job has been settled this many times.
    @discardableResult
    func settled(_ job: Int64, times: Int = 1) throws -> Line {
        try wait(.seconds(10)) { lines in
            let found = lines.filter { $0.event == "job.settled" && $0.fields["job"] == "\(job)" }
            return found.count >= times ? found[times - 1] : nil
        }
    }

    private func wait<Found>(_ timeout: Duration, _ look: ([Line]) -> Found?) throws -> Found {
        if let found = lines.wait(timeout: timeout, { look($0) }) { return found }
        throw SupportFailure(
            "the worker did not tell it; it told\n\(lines.withLock { $0 }.map(\.description).joined(separator: "\n"))")
    }
}
