package import Domain

/// An audit event as programs read it, whole: what is evidence is not cut.
package struct AuditLine: Sendable, Encodable {
    let number: Int64
    /// Epoch milliseconds.
    let at: Int64
    let event: String
    let actor: String
    let subject: String
    let address: String?
    let detail: String
    /// What ties it to all events before it: 64 hexadecimal digits; left out for an event from before there was a chain.
    let hash: String?

    package init(_ record: AuditRecord) {
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
