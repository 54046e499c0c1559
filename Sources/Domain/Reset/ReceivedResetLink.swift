/// The address of a reset link as it comes back from a mail program: with what was put behind it (punctuation, brackets,
/// quotes, white space, remains of quoted-printable, a tracking query), or cut off where the program broke the line.
///
/// Reading one proves nothing: a token that is found here goes through `ResetLinks.isGenuine` like every other.
package struct ReceivedResetLink: Sendable, Equatable {
    /// A token of the right form, or the beginning of one.
    package let token: String
    /// Whether the token is all there.
    package let isWhole: Bool
    /// Whether it is the address that cancels the request.
    package let cancels: Bool

    private static let prefix = "/reset/"
    /// The form of a token is described at `ResetLinks.token`.
    private static let idLength = 22
    private static let macLength = 43

    /// Reads what a request asks for, as it came.
    /// - Returns: nil when that is not the address of a link, or of one with something else instead of a token.
    package init?(target: String) {
        let path = target.prefix { $0 != "?" && $0 != "#" }
        guard path.utf8.starts(with: Self.prefix.utf8) else { return nil }
        let rest = PercentEncoding.decodeLenient(String(path.dropFirst(Self.prefix.count)))
        let readings = [rest, Self.unwrapped(rest)].map(Self.init(reading:))
        guard let reading = readings.compactMap({ $0 }).first(where: \.isWhole) ?? readings[0] else { return nil }
        self = reading
    }

    /// The address as the mail has it, as far as it goes.
    package var path: String { Self.prefix + token + (cancels ? "/cancel" : "") }

    private init?(reading text: String) {
        let scalars = Array(text.unicodeScalars.drop { !Self.isTokenLetter($0) })
        let length = Self.tokenLength(scalars)
        let rest = scalars[length...]
        // Letters and digits that go on behind a token make it another one.
        guard length > 0, rest.first.map(Self.isAlphanumeric) != true else { return nil }
        token = String(String.UnicodeScalarView(scalars[..<length]))
        isWhole = length == Self.idLength + 1 + Self.macLength
        cancels = isWhole && Self.cancels(rest)
    }

    /// How many characters from the start have the form of a token.
    private static func tokenLength(_ scalars: [Unicode.Scalar]) -> Int {
        let id = scalars.prefix(idLength).prefix(while: isTokenLetter).count
        guard id == idLength, scalars.count > id, scalars[id] == "." else { return id }
        return id + 1 + scalars.dropFirst(id + 1).prefix(macLength).prefix(while: isTokenLetter).count
    }

    private static func cancels(_ rest: ArraySlice<Unicode.Scalar>) -> Bool {
        let word = Array("/cancel".unicodeScalars)
        return rest.indices.contains { start in
            rest[start...].starts(with: word) && rest[start...].dropFirst(word.count).first.map(isAlphanumeric) != true
        }
    }

    /// Without line breaks inside, and without what quoted-printable (RFC 2045, section 6.7) makes of a line break and of a
    /// dot at the start of a line.
    private static func unwrapped(_ text: String) -> String {
        let joined = text.replacing("=\r\n", with: "").replacing("=\n", with: "").replacing("=2E", with: ".")
            .replacing("=2e", with: ".")
        let visible = joined.unicodeScalars.filter {
            !$0.properties.isWhitespace && !$0.properties.isDefaultIgnorableCodePoint
        }
        return String(String.UnicodeScalarView(visible))
    }

    private static func isTokenLetter(_ scalar: Unicode.Scalar) -> Bool {
        isAlphanumeric(scalar) || scalar == "-" || scalar == "_"
    }

    private static func isAlphanumeric(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case "a"..."z", "A"..."Z", "0"..."9": true
        default: false
        }
    }
}
