/// A header field as the caller means it: any Unicode in `Subject` and in display names, ASCII elsewhere.
package struct Header: Hashable, Sendable {
    package let name: String
    package let value: String
    /// What names that mean the same have in common: letter case carries no meaning in them.
    let key: String
    /// Written once, since most headers are the same in mail after mail.
    private let written: Result<String, HeaderError>

    package init(_ name: String, _ value: String) {
        self.name = name
        self.value = value
        let key = name.lowercased()
        self.key = key
        written = Result { () throws(HeaderError) in try Self.write(name, key, value) }
    }

    /// `Name: value` in ASCII, folded at spaces with CR LF (RFC 5322 section 2.2.3); the last line end is left out.
    func line() throws(HeaderError) -> String { try written.get() }

    private static func write(_ name: String, _ key: String, _ value: String) throws(HeaderError) -> String {
        guard !name.isEmpty, name.utf8.allSatisfy(isTokenByte) else { throw .name }
        guard !value.holdsControls else { throw .control }
        return try fold(name, words(name, key, value))
    }

    /// What stays on one line.
    private static func words(_ name: String, _ key: String, _ value: String) throws(HeaderError) -> [String] {
        let prefixLength = name.utf8.count + 2
        switch key {
        case "mime-version", "content-type", "content-transfer-encoding", "content-disposition", "cc", "bcc":
            throw .reserved
        case "from", "sender", "reply-to", "to":
            do { return try Mailbox(parsing: value).words(afterPrefixOf: prefixLength) } catch { throw .mailbox(error) }
        case "subject" where EncodedWord.isNeeded(for: value), "comments" where EncodedWord.isNeeded(for: value):
            return EncodedWord.words(for: value, afterPrefixOf: prefixLength)
        default:
            guard value.isASCII else { throw .notASCII }
            guard value.utf8.contains(where: { $0 != Byte.space }) else { throw .empty }
            return prefixLength + value.utf8.count <= goodLength ? [value] : spacedWords(value)
        }
    }

    /// Lines are to have 78 characters where words allow it, and must not have more than 998 (RFC 5322 section 2.1.1).
    private static let goodLength = 78
    private static let greatestLength = 998

    private static func fold(_ name: String, _ words: [String]) throws(HeaderError) -> String {
        var text = "\(name):"
        var length = text.utf8.count
        for (index, word) in words.enumerated() {
            if index > 0 && length + 1 + word.utf8.count > goodLength {
                text += "\r\n"
                length = 0
            }
            text += " "
            text += word
            length += 1 + word.utf8.count
            guard length <= greatestLength else { throw .tooLong }
        }
        return text
    }
}

/// Why a header field cannot be sent.
package enum HeaderError: Error, Hashable, Sendable, CustomStringConvertible {
    case name
    case reserved
    case control
    case empty
    case notASCII
    case tooLong
    case mailbox(MailboxError)

    package var description: String {
        switch self {
        case .name: "a header name is made of letters, digits and hyphens"
        case .reserved: "this header is written by the MIME encoder or would name further recipients"
        case .control: "the value holds a control character or a line break"
        case .empty: "the value is empty"
        case .notASCII: "the value holds text beyond ASCII, which only Subject and display names may"
        case .tooLong: "a word of the value does not fit on a line of 998 bytes"
        case .mailbox(let error): error.description
        }
    }
}

/// Narrower than RFC 5322 allows: every header in use is spelt with these.
private func isTokenByte(_ byte: UInt8) -> Bool {
    isLetterOrDigit(byte) || byte == Byte.hyphen
}

/// Splits before the last space of each run, so that joining with single spaces gives the text back.
private func spacedWords(_ text: String) -> [String] {
    var words: [String] = []
    var spaces = ""
    for part in text.split(separator: " ", omittingEmptySubsequences: false) {
        if part.isEmpty {
            spaces += " "
        } else {
            words.append((words.isEmpty ? "" : spaces) + part)
            spaces = ""
        }
    }
    return words
}
