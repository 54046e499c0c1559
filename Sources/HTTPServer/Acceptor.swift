import Glibc
import Threading

/// Takes connections from the listening socket, on a thread of its own, and deals them to the event loops. While there
/// is no room it takes none: they wait in the kernel's queue, where another process with the same socket may take them.
final class Acceptor: Sendable {
    private let listening: Int32
    private let service: RequestProcessor
    private let loops: EventLoops
    /// Closing the second of the two wakes the thread from its wait for connections.
    private let wakeUp: (Int32, Int32)

    /// - Returns: nil when there is no descriptor left.
    init?(_ listening: Int32, _ service: RequestProcessor, _ loops: EventLoops) {
        var ends: [Int32] = [-1, -1]
        guard socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0, &ends) == 0 else {
            return nil
        }
        wakeUp = (ends[0], ends[1])
        self.listening = listening
        self.service = service
        self.loops = loops
    }

    deinit { close(wakeUp.0) }

    /// Makes `run` return. To be called once, when the doors are closed.
    func wake() { close(wakeUp.1) }

    /// Returns when the doors are closed.
    func run() {
        var isFailing = false
        while waitForConnection(), case .free(let loop) = service.connections.waitForRoom() {
            guard let code = accept(into: loop) else {
                isFailing = false
                continue
            }
            if !isFailing { service.report(.cannotAccept(errno: code), nil) }
            isFailing = true
            // The connection is still there and would be offered again at once.
            if service.connections.areDoorsClosed(within: .milliseconds(100)) { return }
        }
    }

    /// - Returns: false when it is time to end.
    private func waitForConnection() -> Bool {
        var events = [
            pollfd(fd: listening, events: Int16(POLLIN), revents: 0), pollfd(fd: wakeUp.0, events: 0, revents: 0),
        ]
        while poll(&events, 2, -1) < 0, errno == EINTR {}
        return events[1].revents == 0
    }

    /// - Returns: the error's number when there is no use in trying again at once.
    private func accept(into loop: Int) -> Int32? {
        var address = sockaddr_storage()
        var size = socklen_t(MemoryLayout<sockaddr_storage>.size)
        return withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                let socket = Glibc.accept(listening, address, &size)
                guard socket >= 0 else { return Self.isLasting(errno) ? errno : nil }
                _ = fcntl(socket, F_SETFD, FD_CLOEXEC)
                admit(socket, address, size, loop)
                return nil
            }
        }
    }

    private func admit(_ socket: Int32, _ address: UnsafePointer<sockaddr>, _ size: socklen_t, _ loop: Int) {
        let peer = IPAddress(address)
        guard let connection = service.connections.admit(peer, socket: socket, loop: loop) else {
            close(socket)
            return service.report(.tooManyConnections, peer)
        }
        if !loops.add(socket, address, size, to: loop) { service.connections.closed(connection) }
    }

    /// Whether it concerns this process or machine rather than the one connection, which is gone then (accept(2)).
    private static func isLasting(_ number: Int32) -> Bool {
        switch number {
        case EAGAIN, EINTR, ECONNABORTED, EPROTO, ENETDOWN, ENOPROTOOPT, EHOSTDOWN, ENONET, EHOSTUNREACH, EOPNOTSUPP,
            ENETUNREACH, EPERM, ETIMEDOUT:
            false
        default: true
        }
    }
}
