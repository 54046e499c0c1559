/// Status codes in what mail servers say.
enum StatusCode {
    /// The first enhanced status code (RFC 3463 section 2), such as `5.1.1`.
    /// - Parameter classes: the first digits that count.
    static func first(in text: some StringProtocol, classes: String = "245") -> String? {
        for token in Array(text.utf8).split(whereSeparator: { !isDigit($0) && $0 != UInt8(ascii: ".") }) {
            // The end of a sentence may follow.
            let token = token.last == UInt8(ascii: ".") ? token.dropLast() : token
            let parts = token.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
            guard parts.count == 3, parts[0].count == 1, parts.dropFirst().allSatisfy({ (1...3).contains($0.count) })
            else { continue }
            let code = String(decoding: token, as: UTF8.self)
            if code.first.map(classes.contains) == true { return code }
        }
        return nil
    }

    /// Whether a line holds a reply code that turns a recipient or a message away for good (RFC 5321 section 4.2.3).
    static func isRefusal(_ line: some StringProtocol) -> Bool {
        let refusals: Set = ["550", "551", "552", "553", "554", "555", "556"]
        return line.utf8.split { !isLetterOrDigit($0) }.contains {
            refusals.contains(String(decoding: $0, as: UTF8.self))
        }
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }

    private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
        isDigit(byte) || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
    }
}

/// Words of a mail server made fit for one line.
enum OneLine {
    /// As long as a reply of SMTP may be (RFC 5321 section 4.5.3.1.5).
    private static let most = 512

    /// Runs of blanks, line ends and controls become one space; what is beyond 512 scalars is cut.
    static func of(_ text: some StringProtocol) -> String {
        var line = String.UnicodeScalarView()
        var isApart = false
        for scalar in text.unicodeScalars {
            if scalar.properties.isWhitespace || scalar.properties.generalCategory == .control {
                isApart = !line.isEmpty
                continue
            }
            if isApart { line.append(" ") }
            isApart = false
            line.append(scalar)
            guard line.count < most else { break }
        }
        return String(line)
    }
}
