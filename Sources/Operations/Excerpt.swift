import Domain

/// Text that came from outside (a form, a relay, another program) made fit for operators' eyes: cut, without what hides
/// or reorders text, and without the token of a reset link, which a relay's filter may quote from the mail it refuses.
package enum Excerpt {
    /// A reason or a relay's reply; SMTP allows 510 bytes a line (RFC 5321 section 4.5.3.1.5).
    package static let reply = 512
    /// A User ID or a kind of job.
    static let name = 64

    /// At most `limit` Unicode scalars, since one Character can be of any length.
    package static func of(_ text: String, atMost limit: Int) -> String {
        let scalars = LinkTokenRedaction.redact(text).unicodeScalars.prefix(limit + 1)
        let shown = scalars.map { isInvisible($0) ? "\u{fffd}" : $0 }
        let cut = shown.count > limit ? shown.prefix(limit) + ["…"] : shown[...]
        return String(String.UnicodeScalarView(cut))
    }

    /// Controls (line ends and terminal commands among them), marks of writing direction, and what has no width.
    private static func isInvisible(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .unassigned: true
        default: false
        }
    }
}
