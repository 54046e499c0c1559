import Glibc

/// Where a command writes much: every byte arrives, or the command fails.
package final class OutputFile {
    private let descriptor: Int32
    private let name: String
    private let isOwned: Bool
    private var buffer: [UInt8] = []
    private static let bufferSize = 64 * 1024

    package static var standard: OutputFile { OutputFile(STDOUT_FILENO, "Standard output", isOwned: false) }

    /// Makes a file that only its owner can read; one that is there already is left alone.
    package convenience init(new path: String) throws {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw Self.failure(path, "cannot be made") }
        self.init(descriptor, path, isOwned: true)
    }

    private init(_ descriptor: Int32, _ name: String, isOwned: Bool) {
        self.descriptor = descriptor
        self.name = name
        self.isOwned = isOwned
    }

    deinit { if isOwned { close(descriptor) } }

    package func line(_ text: String) throws {
        buffer += text.utf8
        buffer.append(UInt8(ascii: "\n"))
        if buffer.count >= Self.bufferSize { try flush() }
    }

    /// To be called at the end: writes what is left, and has a file on the disk.
    package func finish() throws {
        try flush()
        guard !isOwned || fsync(descriptor) == 0 else { throw Self.failure(name, "cannot be written") }
    }

    private func flush() throws {
        var rest = buffer[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { throw Self.failure(name, "cannot be written") }
            rest = rest.dropFirst(count)
        }
        buffer.removeAll(keepingCapacity: true)
    }

    private static func failure(_ name: String, _ trouble: String) -> CommandError {
        CommandError("\(name) \(trouble): \(String(cString: strerror(errno))).")
    }
}
