import CommandLine
import Domain
import Operations

/// Audit events as the commands print them for people.
enum AuditText {
    /// One line an event, whole: what is evidence is not cut.
    static func table(_ events: [AuditRecord], _ time: LocalTimeFormatter) -> String {
        TextTable.rows(
            ["NUMBER", "TIME", "EVENT", "ACTOR", "SUBJECT", "DETAIL"],
            events.map { event in
                let address = event.address.map { "from \($0)" }
                let detail = [event.detail, address].compactMap { $0 }.filter { !$0.isEmpty }.joined(separator: "; ")
                return [
                    "\(event.number)", time.timestamp(event.at), plain(event.name), plain(event.actor),
                    plain(event.subject), detail.isEmpty ? "-" : Excerpt.of(detail, atMost: Excerpt.reply),
                ]
            }, numbers: [0])
    }

    static func whole(_ finding: AuditVerificationResult, isCompared: Bool) -> String {
        guard let head = finding.head else { return "The audit log is empty." }
        let compared = isCompared ? " It runs through the head that was given." : ""
        return "The audit log is whole: \(CountText.of(finding.count, "event", "events")).\(compared)\n"
            + "Head: \(head.number):\(head.hash)"
    }

    private static func plain(_ text: String) -> String { Excerpt.of(text, atMost: 64) }
}
