import Glibc

/// Standard input as bytes.
enum StandardInput {
    private static let bufferSize = 65_536

    /// Reads to the end and keeps the first `limit` bytes: memory is bounded, whatever comes.
    static func read(atMost limit: Int) -> [UInt8] {
        var kept: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: bufferSize)
        while true {
            let count = buffer.withUnsafeMutableBytes { Glibc.read(STDIN_FILENO, $0.baseAddress, $0.count) }
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { return kept }
            kept += buffer[..<min(count, limit - kept.count)]
        }
    }
}
