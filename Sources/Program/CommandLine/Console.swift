import FoundationEssentials
import Glibc

/// Standard output and error, unbuffered: what was printed is out, whatever happens next.
enum Console {
    static func line(_ text: String = "") { write(text + "\n", to: STDOUT_FILENO) }

    static func printError(_ text: String) { write(text + "\n", to: STDERR_FILENO) }

    /// One JSON document with stable key order.
    static func json(_ value: some Encodable) throws { line(try JSONText.document(value)) }

    /// Writes all of it, however many calls that takes; gives up quietly when nobody reads.
    static func write(_ text: String, to descriptor: Int32) {
        var bytes = Array(text.utf8)[...]
        while !bytes.isEmpty {
            let count = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { return }
            bytes = bytes.dropFirst(count)
        }
    }
}

/// JSON with stable key order.
enum JSONText {
    /// Indented, for one document.
    static func document(_ value: some Encodable) throws -> String {
        try write(value, [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes])
    }

    /// In one line, for a stream of documents.
    static func line(_ value: some Encodable) throws -> String {
        try write(value, [.sortedKeys, .withoutEscapingSlashes])
    }

    private static func write(_ value: some Encodable, _ format: JSONEncoder.OutputFormatting) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = format
        return String(decoding: try encoder.encode(value), as: UTF8.self)
    }
}
