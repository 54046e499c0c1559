/// An e-mail address that is safe inside an SMTP command: `Dot-string "@" Domain` of RFC 5321 section 4.1.2 in ASCII.
///
/// Quoted local parts, address literals and non-ASCII mailboxes are refused: libcurl hands to the relay whatever
/// bytes it is given, so what is not plainly an address must not get that far.
package struct EmailAddress: Hashable, Sendable, CustomStringConvertible {
    /// The address as it was written; case is kept, since a local part may depend on it.
    package let text: String

    package var description: String { text }

    /// The lengths are those of RFC 5321 section 4.5.3.1: 64 bytes before the `@`, 254 in all (a path has 256 with its `<>`).
    package init(_ text: String) throws(AddressError) {
        let bytes = Array(text.utf8)
        guard !bytes.isEmpty else { throw .empty }
        guard bytes.count <= 254 else { throw .tooLong }
        if let offset = bytes.firstIndex(where: { !isAtomByte($0) && $0 != Byte.dot && $0 != Byte.at }) {
            throw .forbiddenByte(bytes[offset], offset: offset)
        }
        guard let at = bytes.firstIndex(of: Byte.at), at == bytes.lastIndex(of: Byte.at) else { throw .notOneAt }
        guard at <= 64, isDotString(bytes[..<at]) else { throw .localPart }
        guard isHostName(bytes[(at + 1)...]) else { throw .domain }
        self.text = text
    }
}

/// Why a text is no address that mail can be sent to.
package enum AddressError: Error, Hashable, Sendable, CustomStringConvertible {
    case empty
    case tooLong
    case forbiddenByte(UInt8, offset: Int)
    case notOneAt
    case localPart
    case domain

    package var description: String {
        switch self {
        case .empty: "the address is empty"
        case .tooLong: "the address is longer than 254 bytes"
        case .forbiddenByte(let byte, let offset):
            "byte \(offset) of the address is 0x\(String(byte, radix: 16)), which no plain ASCII address holds"
        case .notOneAt: "the address needs exactly one @"
        case .localPart: "the part before the @ is empty, longer than 64 bytes, or has a dot at an end or two in a row"
        case .domain: "the part after the @ is no host name"
        }
    }
}

/// Atoms joined by single dots; that each byte is one of an atom or a dot has been seen to.
private func isDotString(_ bytes: ArraySlice<UInt8>) -> Bool {
    guard let first = bytes.first, first != Byte.dot, bytes.last != Byte.dot else { return false }
    return !zip(bytes, bytes.dropFirst()).contains { $0 == Byte.dot && $1 == Byte.dot }
}
