import Foundation

/// An SMTP relay on a loopback port that answers as a test says: for the faults that no real server produces.
///
/// What the script leaves open is answered as a willing relay would. It ends with its last reference.
package final class ScriptedRelay: Sendable {
    /// What has just come in, or been done, on one connection.
    package struct Moment: Sendable {
        /// Counted from 0 in the order of acceptance.
        package let connection: Int
        /// `CONNECT`, the first word of a command in capitals, or `.` for the end of a body.
        package let verb: String
        /// How often this verb came on this connection before.
        package let count: Int
        /// The command as it came, without its line end.
        package let line: String
    }

    package enum Act: Sendable {
        /// One line; CR LF is added.
        case say(String)
        /// These bytes and no more.
        case raw(String)
        /// One byte at a time with this many seconds before each.
        case drip(String, seconds: Double)
        /// The line again and again, until the client is gone.
        case flood(String)
        case close
        /// The connection ends with RST.
        case reset
        /// Reads at least this many bytes and forgets them.
        case swallow(Int)
        /// Reads on and never answers again.
        case fallSilent
        /// Stops reading too, until the relay ends.
        case freeze
    }

    /// Nil leaves the answer to the relay; an empty list answers nothing.
    package typealias Script = @Sendable (Moment) -> [Act]?

    package let port: Int
    package let journal = RelayJournal()
    private let listener: Int32

    /// `extensions` is what EHLO tells besides the name.
    package init(extensions: [String] = ["SIZE 10000000"], script: @escaping Script = { _ in nil }) throws {
        (listener, port) = try listenOnLoopback()
        let (listener, journal) = (listener, journal)
        let greeting = ["scripted"] + extensions
        Thread.detachNewThread {
            var connection = 0
            while true {
                let socket = accept(listener, nil, nil)
                guard socket >= 0 else { break }
                let session = RelaySession(socket, connection, greeting, script, journal)
                journal.opened(socket)
                connection += 1
                Thread.detachNewThread { session.run() }
            }
            close(listener)
        }
    }

    deinit {
        shutdown(listener, Int32(SHUT_RDWR))
        journal.end()
    }
}

/// A bound and listening socket on a free port of 127.0.0.1.
private func listenOnLoopback() throws -> (socket: Int32, port: Int) {
    let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let code = withUnsafeMutablePointer(to: &address) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { plain in
            bind(listener, plain, length) | listen(listener, 64) | getsockname(listener, plain, &length)
        }
    }
    guard code == 0 else { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO) }
    return (listener, Int(in_port_t(bigEndian: address.sin_port)))
}
