/// `text/html; charset="utf-8"`: a type in lower case and its parameters by name (RFC 2045 section 5.1).
package struct ContentType: Sendable, Equatable {
    package let type: String
    package let parameters: [String: String]

    package init(type: String, parameters: [String: String]) {
        self.type = type
        self.parameters = parameters
    }

    package init?(_ value: String) {
        var pieces = Self.pieces(value)
        type = pieces.removeFirst().lowercased()
        guard type.utf8.count(where: { $0 == UInt8(ascii: "/") }) == 1 else { return nil }
        parameters = pieces.reduce(into: [:]) { parameters, piece in
            guard let equals = piece.firstIndex(of: "=") else { return }
            let name = Self.trimmed(piece[..<equals]).lowercased()
            parameters[name] = parameters[name] ?? Self.trimmed(piece[piece.index(after: equals)...])
        }
    }

    /// Cut at semicolons that are not within quotes; the quotes themselves and escapes in them are resolved.
    private static func pieces(_ value: String) -> [String] {
        var pieces = [""]
        var isQuoted = false
        var isEscaped = false
        for scalar in value.unicodeScalars {
            switch scalar {
            case _ where isEscaped:
                pieces[pieces.count - 1].unicodeScalars.append(scalar)
                isEscaped = false
            case "\\" where isQuoted: isEscaped = true
            case "\"": isQuoted.toggle()
            case ";" where !isQuoted: pieces.append("")
            default: pieces[pieces.count - 1].unicodeScalars.append(scalar)
            }
        }
        return pieces.map { trimmed($0[...]) }
    }

    private static func trimmed(_ text: Substring) -> String {
        let isBlank = { (character: Character) in character == " " || character == "\t" }
        var rest = text.drop(while: isBlank)
        while let last = rest.last, isBlank(last) { rest = rest.dropLast() }
        return String(rest)
    }
}
