/// The number of a request: on the page after it, in its mail, in the log, and with a helpdesk that is asked about it.
package enum RequestNumber {
    private static let length = 16

    /// In groups of four letters, to be read out: `abcd-efgh-ijkl-mnop`.
    package static func grouped(_ number: String) -> String {
        let letters = Array(number.utf8)
        return stride(from: 0, to: letters.count, by: 4)
            .map { String(decoding: letters[$0..<min($0 + 4, letters.count)], as: UTF8.self) }
            .joined(separator: "-")
    }

    /// The number that somebody typed or pasted, as jobs carry it. What cannot be one of ours comes back trimmed: other
    /// programs may number their requests in other ways.
    package static func canonical(_ typed: String) -> String {
        guard let code = TypedCode.canonical(typed), code.utf8.count == length else {
            return CanonicalText.trimmed(typed)
        }
        return CanonicalText.folded(code)
    }
}
