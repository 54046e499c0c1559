import MIME

/// Reports that are made for programs: `multipart/report; report-type=delivery-status` (RFC 3464), also with addresses
/// in UTF-8 (RFC 6533).
enum DeliveryReport {
    private static let types = ["message/delivery-status", "message/global-delivery-status"]
    private static let mostGroups = 64

    /// - Returns: nil for any other message, and for a report that says nothing of any recipient.
    static func read(_ message: MIMEMessage) -> ReturnedMail.Meaning? {
        let type = message.whole.contentType
        guard type.type == "multipart/report",
            (type.parameters["report-type"] ?? "delivery-status").lowercased() == "delivery-status",
            let part = message.whole.leafParts().first(where: { types.contains($0.contentType.type) })
        else { return nil }
        let all = groups(part).compactMap { meaning($0, message) }
        // Our mails have one recipient; where an alias made several of it, a failure is what matters.
        return all.min { severity($0) < severity($1) }
    }

    private static func severity(_ meaning: ReturnedMail.Meaning) -> Int {
        switch meaning {
        case .failed: 0
        case .delayed: 1
        case .delivered: 2
        case .automaticReply, .unknown: 3
        }
    }

    /// Groups of fields, apart by empty lines: one on the message, then one for each recipient (RFC 3464 section 2.1).
    private static func groups(_ part: MIMEEntity) -> [MIMEEntity] {
        var groups: [MIMEEntity] = []
        var rest = TransferEncoding.decode(part.body, named: part.header("Content-Transfer-Encoding") ?? "")[...]
        while let line = Lines.first(of: rest), groups.count < mostGroups {
            let group = MIMEEntity(rest)
            if group.headers.isEmpty {
                rest = rest[line.end...]
            } else {
                groups.append(group)
                rest = group.body
            }
        }
        return groups
    }

    /// - Returns: nil for the group on the message as a whole.
    private static func meaning(_ group: MIMEEntity, _ message: MIMEMessage) -> ReturnedMail.Meaning? {
        let diagnostic = group.header("Diagnostic-Code").map(afterType) ?? ""
        let field = StatusCode.first(in: group.header("Status") ?? "")
        // Exim reports 5.0.0 and leaves the rest to the other server's words.
        let isVague = field?.hasSuffix(".0.0") ?? true
        let status = isVague ? StatusCode.first(in: diagnostic) ?? field : field
        guard let action = action(group.header("Action"), status: status) else { return nil }
        let words = OneLine.of(diagnostic.isEmpty ? message.text ?? "" : diagnostic)
        let report = ReturnedMail.Report(status: status, words: words)
        switch action {
        case "failed": return .failed(report)
        case "delayed": return .delayed(report)
        default: return .delivered(report)
        }
    }

    /// One of the actions of section 2.3.3; where a server left it out, what the class of the status says.
    private static func action(_ field: String?, status: String?) -> String? {
        let known = ["failed", "delayed", "delivered", "relayed", "expanded"]
        // A comment may follow.
        let word = String((field ?? "").lowercased().prefix { $0.isLetter })
        if known.contains(word) { return word }
        return status.map { $0.hasPrefix("5") ? "failed" : $0.hasPrefix("4") ? "delayed" : "delivered" }
    }

    /// `smtp; 550 5.1.1 no such user` without the kind of diagnostic.
    private static func afterType(_ field: String) -> String {
        guard let semicolon = field.firstIndex(of: ";") else { return field }
        return String(field[field.index(after: semicolon)...])
    }
}
