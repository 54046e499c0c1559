/// A display name, if any, and an address (RFC 5322 section 3.4): `Name <user@host>` or `user@host`.
package struct Mailbox: Hashable, Sendable, CustomStringConvertible {
    /// What a mail program shows; nil for a bare address.
    package let name: String?
    package let address: EmailAddress

    /// An empty name is no name.
    package init(name: String? = nil, address: EmailAddress) throws(MailboxError) {
        if let name {
            guard !name.holdsControls else { throw .control }
            guard !name.utf8.contains(where: { $0 == UInt8(ascii: "<") || $0 == UInt8(ascii: ">") }) else {
                throw .brackets
            }
        }
        self.name = name?.isEmpty == true ? nil : name
        self.address = address
    }

    /// Reads what a person writes into a configuration: the name with or without quotes, spaces around anything.
    package init(parsing text: String) throws(MailboxError) {
        let bytes = trimmed(text.utf8[...])
        guard bytes.last == UInt8(ascii: ">"), let opening = bytes.firstIndex(of: UInt8(ascii: "<")) else {
            try self.init(address: Self.address(bytes))
            return
        }
        let inside = bytes[bytes.index(after: opening)...].dropLast()
        try self.init(name: unquoted(String(Substring(trimmed(bytes[..<opening])))), address: Self.address(inside))
    }

    /// `Name <user@host>` for people; what a header carries is `words`.
    package var description: String {
        name.map { "\($0) <\(address)>" } ?? address.text
    }

    /// The ASCII words of the header form, which may be folded between each other.
    func words(afterPrefixOf prefixLength: Int) -> [String] {
        guard let name else { return [address.text] }
        let shown =
            EncodedWord.isNeeded(for: name)
            ? EncodedWord.words(for: name, afterPrefixOf: prefixLength)
            : [name.utf8.allSatisfy { isAtomByte($0) || $0 == Byte.space } ? name : quoted(name)]
        return shown + ["<\(address)>"]
    }

    private static func address(_ bytes: Substring.UTF8View) throws(MailboxError) -> EmailAddress {
        do { return try EmailAddress(String(Substring(bytes))) } catch { throw .address(error) }
    }
}

/// Why a text is no mailbox.
package enum MailboxError: Error, Hashable, Sendable, CustomStringConvertible {
    case address(AddressError)
    case brackets
    case control

    package var description: String {
        switch self {
        case .address(let error): error.description
        case .brackets: "the display name holds < or >, which only enclose the address"
        case .control: "the display name holds a control character or a line break"
        }
    }
}

private func trimmed(_ bytes: Substring.UTF8View) -> Substring.UTF8View {
    var rest = bytes.drop { $0 == Byte.space }
    while rest.last == Byte.space { rest.removeLast() }
    return rest
}

private func quoted(_ name: String) -> String {
    var text = "\""
    for scalar in name.unicodeScalars {
        if scalar == "\"" || scalar == "\\" { text.unicodeScalars.append("\\") }
        text.unicodeScalars.append(scalar)
    }
    return text + "\""
}

/// Takes one pair of quotes and the backslashes inside it away; a name without quotes stays as it is.
private func unquoted(_ name: String) -> String {
    let scalars = name.unicodeScalars
    guard scalars.count >= 2, scalars.first == "\"", scalars.last == "\"" else { return name }
    var text = String.UnicodeScalarView()
    var isEscaped = false
    for scalar in scalars.dropFirst().dropLast() {
        if scalar == "\\" && !isEscaped {
            isEscaped = true
        } else {
            text.append(scalar)
            isEscaped = false
        }
    }
    return String(text)
}
