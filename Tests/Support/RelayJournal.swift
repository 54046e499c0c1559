import Foundation
import Threading

/// What a scripted relay has seen; tests read it from their own thread.
// Unchecked, but safe: every stored variable is read and written only while `condition` is locked.
package final class RelayJournal: @unchecked Sendable {
    private let condition = NSCondition()
    private var lines: [String] = []
    private var bodies: [String] = []
    private var openSockets: Set<Int32> = []
    private var accepted = 0
    private var isEnded = false

    /// Every command line, and every line of an AUTH exchange, in the order of arrival.
    package var commands: [String] { condition.withLock { lines } }

    /// Every message up to its last line, still dot-stuffed and with its line ends.
    package var messages: [String] { condition.withLock { bodies } }

    package var connections: Int { condition.withLock { accepted } }

    package func commands(_ verb: String) -> [String] {
        commands.filter { $0.uppercased().hasPrefix(verb) }
    }

    /// Waits until a command with this verb has come; false after 10 seconds.
    package func waitFor(_ verb: String) -> Bool {
        let deadline = Date(timeIntervalSinceNow: 10)
        return condition.withLock {
            while !lines.contains(where: { $0.uppercased().hasPrefix(verb) }) {
                if !condition.wait(until: deadline) { return false }
            }
            return true
        }
    }

    func opened(_ socket: Int32) {
        condition.withLock {
            accepted += 1
            openSockets.insert(socket)
            if isEnded { shutdown(socket, Int32(SHUT_RDWR)) }
        }
    }

    /// Closing under the lock keeps `end` from shutting a number that another socket has got meanwhile.
    func closing(_ socket: Int32) {
        condition.withLock {
            openSockets.remove(socket)
            _ = close(socket)
        }
    }

    func note(command: String) {
        condition.withLock {
            lines.append(command)
            condition.broadcast()
        }
    }

    func note(message: String) {
        condition.withLock { bodies.append(message) }
    }

    func end() {
        condition.withLock {
            isEnded = true
            for socket in openSockets { shutdown(socket, Int32(SHUT_RDWR)) }
            condition.broadcast()
        }
    }

    func waitForEnd() {
        condition.withLock {
            while !isEnded { condition.wait() }
        }
    }
}
