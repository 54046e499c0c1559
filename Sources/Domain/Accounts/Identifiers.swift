/// A User ID as accounts carry it: 1 to 64 bytes of ASCII letters, digits and `. _ - @`. Two that differ by case alone
/// are equal.
///
/// The rule is on bytes and admits ASCII alone, so no two User IDs look alike (Unicode twins, NFC and NFD) and none can
/// carry a line break into a log or a header.
package struct UserID: Sendable, Hashable, CustomStringConvertible {
    /// As it was written, without white space around it.
    package let text: String

    package static let maximumBytes = 64

    /// What a User ID is made of, for people who wrote something else.
    package static let rule = "1 to \(maximumBytes) letters, digits or . _ - @"

    package init?(_ typed: String) {
        let text = CanonicalText.trimmed(typed)
        let bytes = text.utf8
        guard (1...Self.maximumBytes).contains(bytes.count), bytes.allSatisfy(Self.allows) else { return nil }
        self.text = text
    }

    /// What identifies the account: the User ID in small letters.
    package var key: String { CanonicalText.folded(text) }

    package static func == (one: UserID, other: UserID) -> Bool { one.key == other.key }

    package func hash(into hasher: inout Hasher) { hasher.combine(key) }

    private static func allows(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"),
            UInt8(ascii: "@"):
            true
        default: false
        }
    }

    /// Two characters at each end of a long one, the rest hidden: enough to recognise one's own.
    package var masked: String {
        guard text.utf8.count > 4 else { return String(text.prefix(1)) + "•••" }
        return text.prefix(2) + "•••" + text.suffix(2)
    }

    package var description: String { text }
}

/// An e-mail address that is safe to hand to a relay: `local@domain` in ASCII, RFC 5321 section 4.1.2 without quoted
/// strings and address literals, at most 254 bytes with a local part of at most 64 (section 4.5.3.1).
package struct EmailAddress: Sendable, Hashable, CustomStringConvertible {
    /// As it was written, without white space around it.
    package let text: String

    package static let maximumBytes = 254

    package init?(_ typed: String) {
        let text = CanonicalText.trimmed(typed)
        let bytes = Array(text.utf8)
        guard bytes.count <= Self.maximumBytes, let at = bytes.lastIndex(of: UInt8(ascii: "@")) else { return nil }
        let local = bytes[..<at]
        let domain = bytes[(at + 1)...]
        guard (1...64).contains(local.count), Self.dotted(local, Self.isAtomText),
            (1...253).contains(domain.count), Self.dotted(domain, Self.isDomainText)
        else { return nil }
        for label in domain.split(separator: UInt8(ascii: ".")) {
            guard label.count <= 63, label.first != UInt8(ascii: "-"), label.last != UInt8(ascii: "-") else {
                return nil
            }
        }
        self.text = text
    }

    /// Non-empty runs of allowed bytes, joined by single dots.
    private static func dotted(_ bytes: ArraySlice<UInt8>, _ allows: (UInt8) -> Bool) -> Bool {
        bytes.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
            .allSatisfy { !$0.isEmpty && $0.allSatisfy(allows) }
    }

    private static func isDomainText(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"):
            true
        default: false
        }
    }

    private static func isAtomText(_ byte: UInt8) -> Bool {
        isDomainText(byte) || "!#$%&'*+/=?^_`{|}~".utf8.contains(byte)
    }

    package var description: String { text }
}

/// The configured kinds of account (`userTypes`), by id: `penyedia`, `non-penyedia`.
package struct UserType: Sendable, Hashable {
    package let id: String
    /// What the form shows, by language.
    package let labels: [Language: String]
    /// What its button in "Pilih Jenis User" says; empty for the types that share one button.
    private let loginLabels: [Language: String]

    package init(id: String, labels: [Language: String], loginLabels: [Language: String] = [:]) {
        self.id = id
        self.labels = labels
        self.loginLabels = loginLabels
    }

    /// The type that somebody named by its id or by a label in any language, without case.
    package static func named(_ typed: String, among types: [UserType]) -> UserType? {
        types.first { CanonicalText.matches($0.id, typed) }
            ?? types.first { type in type.labels.values.contains { CanonicalText.matches($0, typed) } }
    }

    package func loginLabel(_ language: Language) -> String? { loginLabels[language] ?? loginLabels[.indonesian] }

    package func label(_ language: Language) -> String { labels[language] ?? labels[.indonesian] ?? id }
}

extension Sequence<UserType> {
    /// The one with this id, byte by byte: Swift's strings take different spellings of a letter for the same.
    package func type(id: String) -> UserType? { first { $0.id.utf8.elementsEqual(id.utf8) } }
}
