import Glibc

/// Something that happens now and then and that one thread waits for.
final class Signal: Sendable {
    private let readEnd: Int32
    private let writeEnd: Int32

    init() {
        var ends: [Int32] = [-1, -1]
        // As good as a pipe, and closed on exec from the start: Swift imports no pipe2.
        let kind = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
        let code = socketpair(AF_UNIX, kind, 0, &ends)
        precondition(code == 0, "no descriptor to be had: \(String(cString: strerror(errno)))")
        (readEnd, writeEnd) = (ends[0], ends[1])
    }

    deinit {
        close(readEnd)
        close(writeEnd)
    }

    func raise() {
        write(writeEnd, "!", 1)
    }

    /// Whether it was raised, since it was last waited for, before the time ran out.
    func wait(atMost limit: Duration) -> Bool {
        var wanted = pollfd(fd: readEnd, events: Int16(POLLIN), revents: 0)
        let (seconds, attoseconds) = limit.components
        let milliseconds = Double(seconds) * 1e3 + Double(attoseconds) / 1e15
        guard poll(&wanted, 1, Int32(min(max(0, milliseconds), Double(Int32.max)))) == 1 else { return false }
        var heard = [UInt8](repeating: 0, count: 64)
        read(readEnd, &heard, heard.count)
        return true
    }
}
