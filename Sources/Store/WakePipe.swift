import Domain
import Glibc

/// What ends a thread that waits for descriptors: the reading end becomes readable. Both ends are kept for as long as the pipe,
/// so that a second word does not go to a broken one.
final class WakePipe: Sendable {
    private let (reader, writer): (Descriptor, Descriptor)

    /// - Throws: `StoreError`: the process has no more descriptors.
    init() throws {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else {
            throw StoreError(
                sentence: "Changes to the database cannot be watched: too many files are open.",
                detail: "pipe: \(String(cString: strerror(errno)))")
        }
        for descriptor in ends { _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC) }
        (reader, writer) = (Descriptor(ends[0]), Descriptor(ends[1]))
    }

    /// To wait for.
    var descriptor: Int32 { reader.number }

    func wake() { _ = write(writer.number, [1], 1) }

    /// Waits for the word.
    /// - Parameter milliseconds: -1 for as long as it takes.
    func isWoken(within milliseconds: Int32) -> Bool {
        var end = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        return poll(&end, 1, milliseconds) > 0
    }
}

/// A file descriptor that closes with its owner.
final class Descriptor: Sendable {
    let number: Int32

    init(_ number: Int32) { self.number = number }

    deinit { if number >= 0 { close(number) } }
}
