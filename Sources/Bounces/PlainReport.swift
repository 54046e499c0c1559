import MIME

/// Bounces that are written for people: those of qmail (QSBMF), of older versions of Exim, and others from a mail
/// system that name a status code.
enum PlainReport {
    /// Scalars of the text that are looked at.
    private static let mostText = 65_536

    /// - Returns: nil when it is none that can be read.
    static func read(_ message: MIMEMessage) -> ReturnedMail.Meaning? {
        let text = ownText(message.text ?? "")
        return qmail(text) ?? exim(text, message) ?? other(text, message)
    }

    /// What the mail system says itself, without the mail it quotes.
    private static func ownText(_ text: String) -> String {
        let start = String(String.UnicodeScalarView(text.unicodeScalars.prefix(mostText)))
        let marks = ["copy of the message", "below this line", "original message", "message header"]
        let lines = start.split(separator: "\n", omittingEmptySubsequences: false)
        return lines.prefix { line in
            let line = line.lowercased()
            return !line.hasPrefix("received:") && !line.hasPrefix("return-path:")
                && !(line.contains("--") && marks.contains { line.contains($0) })
        }.joined(separator: "\n")
    }

    /// https://cr.yp.to/proto/qsbmf.txt: a fixed beginning, then a paragraph for each recipient that starts with its
    /// address and a colon.
    private static func qmail(_ text: String) -> ReturnedMail.Meaning? {
        let text = text.drop(while: \.isWhitespace)
        guard text.hasPrefix("Hi. This is the") else { return nil }
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        guard let head = lines.firstIndex(where: { $0.hasPrefix("<") && trimmed($0).hasSuffix(">:") }) else {
            return nil
        }
        let words = lines[(head + 1)...].prefix { !trimmed($0).isEmpty }.joined(separator: " ")
        return .failed(ReturnedMail.Report(status: StatusCode.first(in: words), words: OneLine.of(words)))
    }

    /// Exim names the recipients that failed in a header, and says nothing of it when it only warns of a delay.
    private static func exim(_ text: String, _ message: MIMEMessage) -> ReturnedMail.Meaning? {
        guard let failed = message.header("X-Failed-Recipients") else { return nil }
        let recipient = trimmed(failed.prefix { $0 != "," })
        let lines = text.split(separator: "\n")
        let head = recipient.isEmpty ? nil : lines.firstIndex { $0.contains(recipient) }
        let words = (head.map { lines[($0 + 1)...] } ?? lines[...]).joined(separator: " ")
        return .failed(
            ReturnedMail.Report(
                status: StatusCode.first(in: words, classes: "5"), words: OneLine.of(words.isEmpty ? text : words)))
    }

    /// Only what comes from a mail system, with nobody to answer to (RFC 5321 section 4.5.5), can be a bounce, and only
    /// what names a code says for certain that it is one.
    private static func other(_ text: String, _ message: MIMEMessage) -> ReturnedMail.Meaning? {
        guard hasNullReturnPath(message), isFromMailSystem(message) else { return nil }
        let subject = (message.header("Subject") ?? "").lowercased()
        let isWarning = subject.hasPrefix("warning") || subject.contains("delayed")
        if !isWarning, let (status, line) = permanentFailure(text) {
            return .failed(ReturnedMail.Report(status: status, words: OneLine.of(line)))
        }
        let status = StatusCode.first(in: text, classes: "4")
        guard isWarning || status != nil else { return nil }
        return .delayed(ReturnedMail.Report(status: status, words: OneLine.of(text)))
    }

    /// The line that names a permanent failure, and the text from there on.
    private static func permanentFailure(_ text: String) -> (status: String?, words: String)? {
        let lines = text.split(separator: "\n")
        let index = lines.firstIndex { StatusCode.first(in: $0, classes: "5") != nil || StatusCode.isRefusal($0) }
        guard let index else { return nil }
        return (StatusCode.first(in: lines[index], classes: "5"), lines[index...].joined(separator: " "))
    }

    /// Postfix writes a name without a domain where no sender is.
    private static func hasNullReturnPath(_ message: MIMEMessage) -> Bool {
        guard let path = message.header("Return-Path") else { return false }
        let address = path.filter { !"<> \t".contains($0) }
        return address.isEmpty || address.lowercased() == "mailer-daemon"
    }

    private static func isFromMailSystem(_ message: MIMEMessage) -> Bool {
        let from = (message.header("From") ?? "").lowercased()
        return ["mailer-daemon", "postmaster", "mail delivery"].contains { from.contains($0) }
    }

    private static func trimmed(_ text: Substring) -> String {
        let start = text.drop(while: \.isWhitespace)
        return String(start.reversed().drop(while: \.isWhitespace).reversed())
    }
}
