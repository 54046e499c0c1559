/// One mail to one recipient, checked: whatever is in it cannot become another SMTP command, header or recipient.
package struct Message: Sendable, CustomStringConvertible {
    package let sender: EmailAddress
    package let recipient: EmailAddress
    let data: Redacted<MessageData>

    /// - Parameters:
    ///   - envelopeSender: where bounces go.
    ///   - recipient: where the message goes, whatever its headers say.
    ///   - headers: in the order in which they are sent, each name once; `From` and `Date` must be there
    ///     (RFC 5322 section 3.6), those that describe the body must not.
    ///   - text: the plain part, in UTF-8; line ends of any kind become CR LF.
    ///   - html: the HTML part, which mail programs prefer.
    /// - Throws: the first fault found; what passes can be sent.
    package init(
        envelopeSender: String, recipient: String, headers: [Header], text: [UInt8], html: [UInt8]? = nil
    ) throws(MessageError) {
        do { sender = try EmailAddress(envelopeSender) } catch { throw .sender(error) }
        do { self.recipient = try EmailAddress(recipient) } catch { throw .recipient(error) }
        let lines = try Self.lines(of: headers)
        guard !text.holdsNUL, html?.holdsNUL != true else { throw .nulInBody }
        let alternatives = [("text/plain; charset=utf-8", text), ("text/html; charset=utf-8", html)]
        data = Redacted(
            MessageData(
                headerLines: lines,
                alternatives: alternatives.compactMap { type, content in
                    content.map { (type, lineEndsNormalised($0)) }
                }))
    }

    /// The same with a body of text.
    package init(
        envelopeSender: String, recipient: String, headers: [Header], text: String, html: String? = nil
    ) throws(MessageError) {
        try self.init(
            envelopeSender: envelopeSender, recipient: recipient, headers: headers, text: Array(text.utf8),
            html: html.map { Array($0.utf8) })
    }

    /// Tells the envelope only: a body may hold a secret link.
    package var description: String { "message from \(sender) to \(recipient)" }

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
