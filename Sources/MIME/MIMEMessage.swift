// MIME: reads mails (RFC 5322, RFC 2045 to 2047) whatever their bytes are. It knows no mailbox and no job. Begin with
// `MIMEMessage`.

/// A mail as a mail program shows it (RFC 5322, RFC 2045 to 2047): headers decoded, a text part, an HTML part.
///
/// Any bytes make a message, be it one without headers; nothing in it is trusted.
package struct MIMEMessage: Sendable {
    package let whole: MIMEEntity

    package init(_ bytes: [UInt8]) { whole = MIMEEntity(bytes[...]) }

    /// Every header in order, unfolded and decoded.
    package var headers: [(name: String, value: String)] {
        whole.headers.map { ($0.name, EncodedWord.decode($0.value)) }
    }

    /// The value of the first header under the name; nil without one.
    package func header(_ name: String) -> String? { whole.header(name).map(EncodedWord.decode) }

    package var text: String? { body("plain") }

    package var html: String? { body("html") }

    /// The first part of type text/<subtype> that is not an attachment.
    private func body(_ subtype: String) -> String? {
        whole.leafParts().first { $0.contentType.type == "text/\(subtype)" && !$0.isAttachment }?.decodedText
    }
}

/// A mail or one of its parts: headers, an empty line, a body. Lines end in CRLF or, in a Maildir, in LF.
package struct MIMEEntity: Sendable {
    /// Unfolded, not decoded.
    package let headers: [(name: String, value: String)]
    package let body: ArraySlice<UInt8>

    /// Limits of what is looked into: no honest mail comes near them.
    private static let deepest = 8
    private static let mostParts = 64

    package init(_ bytes: ArraySlice<UInt8>) {
        var headers: [(name: String, value: String)] = []
        var rest = bytes
        while let line = Lines.first(of: rest) {
            if line.content.isEmpty {
                rest = rest[line.end...]
                break
            }
            if line.content.first.map(Lines.isBlank) == true, !headers.isEmpty {
                headers[headers.count - 1].value += String(decoding: line.content, as: UTF8.self)
            } else if let header = Self.header(line.content) {
                headers.append(header)
            } else {
                // What is no header is where the body begins.
                break
            }
            rest = rest[line.end...]
        }
        self.headers = headers
        body = rest
    }

    package func header(_ name: String) -> String? {
        headers.first { $0.name.lowercased() == name.lowercased() }?.value
    }

    /// Text in ASCII is what a part without a readable type holds (RFC 2045 section 5.2).
    package var contentType: ContentType {
        header("Content-Type").flatMap(ContentType.init) ?? ContentType(type: "text/plain", parameters: [:])
    }

    package var isAttachment: Bool {
        (header("Content-Disposition") ?? "").lowercased().drop { $0 == " " }.hasPrefix("attachment")
    }

    /// The parts that hold content, in order: the entity itself unless it is a multipart.
    package func leafParts() -> [MIMEEntity] {
        var leafParts: [MIMEEntity] = []
        collect(into: &leafParts, depth: 0)
        return leafParts
    }

    /// The body without its transfer encoding, in the charset it claims, its lines ended by LF.
    package var decodedText: String {
        let bytes = TransferEncoding.decode(body, named: header("Content-Transfer-Encoding") ?? "")
        let text = Charset.decode(bytes, named: contentType.parameters["charset"] ?? "us-ascii")
        return String(text.map { $0 == "\r\n" ? "\n" : $0 })
    }

    private func collect(into leafParts: inout [MIMEEntity], depth: Int) {
        guard leafParts.count < Self.mostParts else { return }
        guard contentType.type.hasPrefix("multipart/"), let boundary = contentType.parameters["boundary"] else {
            return leafParts.append(self)
        }
        guard depth < Self.deepest else { return }
        for part in parts(between: Array(boundary.utf8)) { part.collect(into: &leafParts, depth: depth + 1) }
    }

    /// What is between the lines `--boundary` (RFC 2046 section 5.1.1). The line end before such a line is the
    /// line's own.
    private func parts(between boundary: [UInt8]) -> [MIMEEntity] {
        guard (1...70).contains(boundary.count) else { return [] }
        let delimiter = Array("--".utf8) + boundary
        var parts: [MIMEEntity] = []
        var start: Int?
        var rest = body
        while let line = Lines.first(of: rest), parts.count < Self.mostParts {
            if line.content.starts(with: delimiter) {
                let tail = line.content.dropFirst(delimiter.count)
                let isLast = tail.starts(with: "--".utf8)
                if (isLast ? tail.dropFirst(2) : tail).allSatisfy(Lines.isBlank) {
                    if let start { parts.append(MIMEEntity(Lines.withoutLastEnd(body[start..<rest.startIndex]))) }
                    start = isLast ? nil : line.end
                    if isLast { break }
                }
            }
            rest = rest[line.end...]
        }
        // A mail that was cut off has lost its last delimiter.
        if let start, parts.count < Self.mostParts { parts.append(MIMEEntity(body[start...])) }
        return parts
    }

    private static func header(_ line: ArraySlice<UInt8>) -> (name: String, value: String)? {
        guard let colon = line.firstIndex(of: UInt8(ascii: ":")), colon > line.startIndex,
            line[..<colon].allSatisfy({ (0x21...0x7e).contains($0) })
        else { return nil }
        let value = line[(colon + 1)...].drop(while: Lines.isBlank)
        return (String(decoding: line[..<colon], as: UTF8.self), String(decoding: value, as: UTF8.self))
    }
}

/// Lines of bytes, ended by CRLF or LF.
package enum Lines {
    package static func isBlank(_ byte: UInt8) -> Bool { byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }

    /// The first line without its end, and where the next one starts; nil when there is nothing left.
    package static func first(of bytes: ArraySlice<UInt8>) -> (content: ArraySlice<UInt8>, end: Int)? {
        guard !bytes.isEmpty else { return nil }
        guard let feed = bytes.firstIndex(of: UInt8(ascii: "\n")) else { return (bytes, bytes.endIndex) }
        let line = bytes[..<feed]
        return (line.last == UInt8(ascii: "\r") ? line.dropLast() : line, feed + 1)
    }

    package static func withoutLastEnd(_ bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        guard bytes.last == UInt8(ascii: "\n") else { return bytes }
        let rest = bytes.dropLast()
        return rest.last == UInt8(ascii: "\r") ? rest.dropLast() : rest
    }
}
