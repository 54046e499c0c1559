import FoundationEssentials
import Glibc

/// A mail as it goes over the wire (RFC 5322): its headers, then text and HTML as alternatives, each in base64, which keeps
/// lines short and lets no byte of them look like SMTP or like a header. The same mail is the same bytes each time.
struct MessageData: Sendable {
    /// A line of base64 holds no underscore, so that none can be taken for this (RFC 2046 section 5.1.1).
    private static let boundary = "pulih_alternative"

    private(set) var bytes: [UInt8] = []

    /// - Parameters:
    ///   - headerLines: folded, without their last line end.
    ///   - parts: what stands for the mail, with its type: the last alternative is the preferred one (section 5.1.4). Line
    ///     ends are CR LF.
    init(headerLines: [String], alternatives parts: [(type: String, content: [UInt8])]) {
        // Base64 makes four bytes of three, and a line end after 76.
        bytes.reserveCapacity(2048 + parts.reduce(0) { $0 + $1.content.count * 7 / 5 })
        append("Content-Type: multipart/alternative; boundary=\(Self.boundary)")
        append("MIME-Version: 1.0")
        for line in headerLines { append(line) }
        append("")
        for part in parts {
            append("--\(Self.boundary)")
            append("Content-Type: \(part.type)")
            append("Content-Transfer-Encoding: base64")
            append("")
            bytes += Data(part.content).base64EncodedData(options: [
                .lineLength76Characters, .endLineWithCarriageReturn, .endLineWithLineFeed,
            ])
            append("")
        }
        append("--\(Self.boundary)--")
    }

    private mutating func append(_ line: String) {
        bytes += line.utf8
        bytes.append(Byte.carriageReturn)
        bytes.append(Byte.lineFeed)
    }
}

/// CR LF for CR LF, a lone CR and a lone LF.
func lineEndsNormalised(_ text: [UInt8]) -> [UInt8] {
    var normalised: [UInt8] = []
    normalised.reserveCapacity(text.count + text.count / 16)
    text.withUnsafeBufferPointer { text in
        var start = 0
        // Nearly all text has line feeds alone.
        var nextReturn = text.firstIndex(of: Byte.carriageReturn, from: 0)
        while true {
            if let next = nextReturn, next < start {
                nextReturn = text.firstIndex(of: Byte.carriageReturn, from: start)
            }
            let feed = text.firstIndex(of: Byte.lineFeed, from: start)
            guard let end = nextReturn.map({ min($0, feed ?? $0) }) ?? feed else { break }
            normalised.append(contentsOf: text[start..<end])
            normalised.append(Byte.carriageReturn)
            normalised.append(Byte.lineFeed)
            start = end + (end == nextReturn && feed == end + 1 ? 2 : 1)
        }
        normalised.append(contentsOf: text[start...])
    }
    return normalised
}

extension [UInt8] {
    var holdsNUL: Bool { withUnsafeBufferPointer { $0.firstIndex(of: 0, from: 0) } != nil }
}

extension UnsafeBufferPointer<UInt8> {
    /// By the C library, which looks at many bytes at a time.
    fileprivate func firstIndex(of byte: UInt8, from start: Int) -> Int? {
        guard let base = baseAddress, let found = memchr(base + start, Int32(byte), count - start) else { return nil }
        return UnsafeRawPointer(found) - UnsafeRawPointer(base)
    }
}
