package import Domain
import Threading

/// Keeps what was logged: `level event name=value …` a line.
package final class TestLogger: Logger {
    private let noted = Monitor<[String]>([])

    package init() {}

    package func log(_ level: LogLevel, _ event: String, _ fields: KeyValuePairs<String, String>) {
        let line = ([level.rawValue, event] + fields.map { "\($0)=\($1)" }).joined(separator: " ")
        noted.withLock { $0.append(line) }
    }

    package var lines: [String] { noted.withLock { $0 } }
}
