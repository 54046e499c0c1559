/// The number of a request that came through the form: on the page after it, in its mail, in the log, and with a helpdesk that
/// is asked about it.
package struct RequestNumber: Sendable, Equatable {
    /// 16 small letters and digits, as jobs carry them.
    package let text: String

    private static let length = 16

    /// Reads a number as somebody typed or pasted it; nil for what cannot be one.
    package init?(_ typed: String) {
        guard let code = TypedCode.canonical(typed), code.utf8.count == Self.length else { return nil }
        text = CanonicalText.folded(code)
    }

    /// To be read out: `abcd-efgh-ijkl-mnop`.
    package var grouped: String { CodeGroups.joined(text) }

    /// The request ID that somebody means. What is no number of ours stays as it is but for white space around it: other
    /// programs may number their requests in other ways.
    package static func requestID(_ typed: String) -> String { Self(typed)?.text ?? CanonicalText.trimmed(typed) }
}

/// Codes in groups of four letters.
enum CodeGroups {
    static func joined(_ code: String) -> String {
        let letters = Array(code.utf8)
        return stride(from: 0, to: letters.count, by: 4)
            .map { String(decoding: letters[$0..<min($0 + 4, letters.count)], as: UTF8.self) }
            .joined(separator: "-")
    }
}
