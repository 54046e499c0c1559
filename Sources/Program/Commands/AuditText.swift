import Domain
import Operations

/// Audit events as the commands print them for people.
enum AuditText {
    /// One line an event, whole: what is evidence is not cut.
    static func table(_ events: [AuditRecord], _ time: LocalTime) -> String {
        TextTable.rows(
            ["NUMBER", "TIME", "EVENT", "ACTOR", "SUBJECT", "DETAIL"],
            events.map { event in
                let address = event.address.map { "from \($0)" }
                let detail = [event.detail, address].compactMap { $0 }.filter { !$0.isEmpty }.joined(separator: "; ")
                return [
                    "\(event.number)", time.stamp(event.at), plain(event.name), plain(event.actor),
                    plain(event.subject), detail.isEmpty ? "-" : Excerpt.of(detail, atMost: Excerpt.reply),
                ]
            }, numbers: [0])
    }

    static func whole(_ finding: AuditFinding, isCompared: Bool) -> String {
        guard let head = finding.head else { return "The audit log is empty." }
        let compared = isCompared ? " It runs through the head that was given." : ""
        return "The audit log is whole: \(Count.of(finding.count, "event", "events")).\(compared)\n"
            + "Head: \(head.number):\(head.hash)"
    }

    private static func plain(_ text: String) -> String { Excerpt.of(text, atMost: 64) }
}

/// An audit event as programs read it.
struct AuditLine: Encodable {
    let number: Int64
    /// Epoch milliseconds.
    let at: Int64
    let event: String
    let actor: String
    let subject: String
    let address: String?
    let detail: String
    /// 64 hexadecimal digits; left out for an event from before there was a chain.
    let hash: String?

    init(_ record: AuditRecord) {
        number = record.number
        at = record.at.milliseconds
        event = record.name
        actor = record.actor
        subject = record.subject
        address = record.address
        detail = record.detail
        hash = record.hash.map(AuditChain.text)
    }
}
