/// One mail to one recipient, checked: whatever is in it cannot become another SMTP command, header or recipient.
package struct Message: Sendable, CustomStringConvertible {
    package let sender: EmailAddress
    package let recipient: EmailAddress
    /// Folded ASCII lines without their last line end.
    let headerLines: [String]
    let body: Redacted<Body>

    /// - Parameters:
    ///   - envelopeSender: where bounces go.
    ///   - recipient: where the message goes, whatever its headers say.
    ///   - headers: in the order in which they are sent, each name once; `From` and `Date` must be there
    ///     (RFC 5322 section 3.6), those that describe the body must not.
    ///   - text: the plain part; line ends of any kind become CR LF.
    ///   - html: the HTML part, which mail programs prefer.
    /// - Throws: the first fault found; what passes can be sent.
    package init(
        envelopeSender: String, recipient: String, headers: [Header], text: String, html: String? = nil
    ) throws(MessageError) {
        do { sender = try EmailAddress(envelopeSender) } catch { throw .sender(error) }
        do { self.recipient = try EmailAddress(recipient) } catch { throw .recipient(error) }
        headerLines = try Self.lines(of: headers)
        body = Redacted(Body(text: lineEndsNormalised(text), html: html.map(lineEndsNormalised)))
        guard !body.value.text.contains(0), body.value.html?.contains(0) != true else { throw .nulInBody }
    }

    /// Tells the envelope only: a body may hold a secret link.
    package var description: String { "message from \(sender) to \(recipient)" }

    struct Body: Sendable {
        let text: [UInt8]
        let html: [UInt8]?
    }

    private static func lines(of headers: [Header]) throws(MessageError) -> [String] {
        var lines: [String] = []
        var keys: [String] = []
        for header in headers {
            do { lines.append(try header.line()) } catch { throw .header(header.name, error) }
            guard !keys.contains(header.key) else { throw .repeatedHeader(header.name) }
            keys.append(header.key)
        }
        for name in ["From", "Date"] where !keys.contains(name.lowercased()) {
            throw .missingHeader(name)
        }
        return lines
    }
}

/// Why a message cannot be sent, found before anything is sent.
package enum MessageError: Error, Hashable, Sendable, CustomStringConvertible {
    case sender(AddressError)
    case recipient(AddressError)
    case header(String, HeaderError)
    case repeatedHeader(String)
    case missingHeader(String)
    case nulInBody

    package var description: String {
        switch self {
        case .sender(let error): "envelope sender: \(error)"
        case .recipient(let error): "recipient: \(error)"
        case .header(let name, let error): "header \(name.debugDescription): \(error)"
        case .repeatedHeader(let name): "header \(name) is there twice"
        case .missingHeader(let name): "header \(name) is missing"
        case .nulInBody: "the body holds a NUL byte"
        }
    }
}

/// CR LF for CR LF, a lone CR and a lone LF.
private func lineEndsNormalised(_ text: String) -> [UInt8] {
    var normalised: [UInt8] = []
    normalised.reserveCapacity(text.utf8.count + text.utf8.count / 32)
    var rest = Array(text.utf8)[...]
    while let end = rest.firstIndex(where: { $0 == Byte.carriageReturn || $0 == Byte.lineFeed }) {
        normalised += rest[..<end]
        normalised.append(Byte.carriageReturn)
        normalised.append(Byte.lineFeed)
        let isPair = rest[end] == Byte.carriageReturn && rest[(end + 1)...].first == Byte.lineFeed
        rest = rest[(end + (isPair ? 2 : 1))...]
    }
    return normalised + rest
}
