import Foundation
import Glibc

/// A loopback port for a server that cannot take port 0 and tell which one it got, or that must come back on its port.
///
/// The port is reserved as long as this object lives, by a socket that has SO_REUSEADDR and never listens.
/// Linux then gives the port to nobody who asks for any free one (bind to 0, or connect), refuses connections to it, and
/// still lets a server bind it that sets SO_REUSEADDR itself, which servers do so that they can be restarted. There is
/// no gap between finding the port and using it.
package final class FreePort: Sendable {
    package let number: UInt16
    private let reservation: Int32

    package convenience init() throws { try self.init(0) }

    /// Ports that follow each other, for a program that takes the next ones too.
    package static func adjacent(_ count: Int) throws -> [FreePort] {
        for _ in 0..<100 {
            var ports = [try FreePort()]
            while ports.count < count, let last = ports.last, last.number < .max,
                let next = try? FreePort(last.number + 1)
            {
                ports.append(next)
            }
            if ports.count == count { return ports }
        }
        throw SupportFailure("no \(count) ports that follow each other are free")
    }

    /// - Parameter port: this one, or any that is free when 0.
    private init(_ port: UInt16) throws {
        reservation = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard reservation >= 0 else { throw SupportFailure.system("cannot make a socket") }
        // Set after the binding: a port that another reservation has must not count as free.
        number = try LoopbackAddress(port: port).bind(reservation)
        var yes: Int32 = 1
        setsockopt(reservation, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout.size(ofValue: yes)))
    }

    deinit { close(reservation) }

    /// Whether a server listens on the port. It is looked up, not tried, so that no server counts a connection.
    package var hasListener: Bool {
        get throws {
            // proc(5): local address and port in hexadecimal, remote ones, then the state, 0A for LISTEN.
            let suffix = String(format: ":%04X", Int(number))
            // To its end: of a file whose size is told as 0, `String(contentsOfFile:)` reads the first page alone.
            guard let file = FileHandle(forReadingAtPath: "/proc/net/tcp") else {
                throw SupportFailure("there is no table of connections")
            }
            let table = String(decoding: try file.readToEnd() ?? Data(), as: UTF8.self)
            return table.split(separator: "\n").contains { line in
                let fields = line.split(separator: " ")
                return fields.count > 3 && fields[1].hasSuffix(suffix) && fields[3] == "0A"
            }
        }
    }

    /// Blocks until a server listens: for servers that do not say when they are ready.
    package func waitForListener(timeout: Duration = .seconds(10)) throws {
        try Eventually.holds("a server listens on port \(number)", timeout: timeout) { try hasListener }
    }
}
