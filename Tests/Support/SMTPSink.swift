import Glibc

/// Postfix's smtp-sink on a loopback port: takes any number of messages as fast as it can and throws them away.
package final class SMTPSink: Sendable {
    package let port: UInt16
    private let reservation: FreePort
    private let process: Subprocess

    /// Starts it; `options` are further ones of smtp-sink(1), such as `["-w", "1"]` to answer DATA a second later.
    package init(_ options: [String] = [], backlog: Int = 100) throws {
        reservation = try FreePort()
        port = reservation.number
        // It refuses to run as root.
        let user = getuid() == 0 ? ["-u", "nobody"] : []
        process = try Subprocess("smtp-sink", user + ["-c"] + options + ["127.0.0.1:\(port)", "\(backlog)"])
        try reservation.waitForListener()
    }

    /// What it has counted so far; see `-c` in smtp-sink(1).
    package struct Counters: Sendable, Equatable {
        package var sessions = 0
        package var quits = 0
        package var messages = 0

        fileprivate init?(_ line: String) {
            guard let match = line.firstMatch(of: /sess=(\d+) quit=(\d+) mesg=(\d+)/),
                let sessions = Int(match.1), let quits = Int(match.2), let messages = Int(match.3)
            else { return nil }
            (self.sessions, self.quits, self.messages) = (sessions, quits, messages)
        }

        package init() {}
    }

    package var counters: Counters { process.lines.last.flatMap { Counters($0.text) } ?? Counters() }

    /// Blocks until the counters satisfy `condition` and returns them.
    @discardableResult
    package func waitForCounters(
        timeout: Duration = .seconds(10), where condition: (Counters) -> Bool
    ) throws -> Counters {
        let line = try process.waitForLine(timeout: timeout) { Counters($0).map(condition) ?? false }
        return Counters(line.text) ?? Counters()
    }
}
