import FoundationEssentials
import Glibc

/// Standard output and error, unbuffered: what was printed is out, whatever happens next.
package enum Console {
    package static func line(_ text: String = "") { write(text + "\n", to: STDOUT_FILENO) }

    package static func printError(_ text: String) { write(text + "\n", to: STDERR_FILENO) }

    /// One JSON document with stable key order.
    package static func json(_ value: some Encodable) throws { line(try JSONText.document(value)) }

    /// Writes all of it, however many calls that takes; gives up quietly when nobody reads.
    package static func write(_ text: String, to descriptor: Int32) {
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
package enum JSONText {
    /// Indented, for one document.
    package static func document(_ value: some Encodable) throws -> String {
        try write(value, [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes])
    }

    /// In one line, for a stream of documents.
    package static func line(_ value: some Encodable) throws -> String {
        try write(value, [.sortedKeys, .withoutEscapingSlashes])
    }

    private static func write(_ value: some Encodable, _ format: JSONEncoder.OutputFormatting) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = format
        return String(decoding: try encoder.encode(value), as: UTF8.self)
    }
}
