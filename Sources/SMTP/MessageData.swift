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
    // Nearly all text has line feeds alone.
    let hasReturns = text.contains(Byte.carriageReturn)
    text.withUnsafeBufferPointer { text in
        var start = 0
        while let end = hasReturns ? lineEnd(in: text, from: start) : lineFeed(in: text, from: start) {
            normalised.append(contentsOf: text[start..<end])
            normalised.append(Byte.carriageReturn)
            normalised.append(Byte.lineFeed)
            let isPair = text[end] == Byte.carriageReturn && text[(end + 1)...].first == Byte.lineFeed
            start = end + (isPair ? 2 : 1)
        }
        normalised.append(contentsOf: text[start...])
    }
    return normalised
}

private func lineEnd(in text: UnsafeBufferPointer<UInt8>, from start: Int) -> Int? {
    text[start...].firstIndex { $0 == Byte.carriageReturn || $0 == Byte.lineFeed }
}

private func lineFeed(in text: UnsafeBufferPointer<UInt8>, from start: Int) -> Int? {
    guard let base = text.baseAddress, let found = memchr(base + start, Int32(Byte.lineFeed), text.count - start)
    else { return nil }
    return UnsafeRawPointer(found) - UnsafeRawPointer(base)
}
