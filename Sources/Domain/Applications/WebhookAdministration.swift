/// What operators do to a receiver, with its audit event in the caller's transaction.
package enum WebhookAdministration {
    /// - Returns: whether it was off.
    package static func switchOn(
        _ application: String, in transaction: any ApplicationWriter & AuditWriter, at now: Instant, by actor: Operator,
        why: String
    ) throws -> Bool {
        guard try transaction.switchOn(webhook: application) else { return false }
        try transaction.append(
            AuditEvent(
                name: .webhookSwitchedOn, at: now, actor: actor.name, subject: "webhook:\(application)",
                address: actor.address, detail: LinkTokenRedaction.redact(why)))
        return true
    }
}
