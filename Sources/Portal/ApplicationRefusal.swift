import Domain
import HTTPServer

/// Logins at applications that were refused, for operators to see.
extension Portal {
    /// Strangers can provoke refusals as often as they like: of one address so many an hour are audited, all are logged.
    func auditRefusal(
        of application: Application?, _ reason: String, _ request: Request, _ account: Account? = nil
    ) throws {
        let (now, address) = (clock.now(), request.peerAddress)
        logger.log(
            .warning, "application.refused",
            ["application": application?.id ?? "unknown", "reason": reason, "address": address])
        let limitKey = "authorization:\(request.addressKey)"
        let hits = try store.read { try $0.rateLimitHits(from: limitKey, since: now - .hours(1)) }
        guard hits < ApplicationAuthentication.maximumPerAddress else { return }
        let event = AuditEvent(
            name: .applicationRefused, at: now, actor: account?.userID ?? "unknown",
            subject: application.map { "application:\($0.id)" } ?? "unknown", address: address, detail: reason)
        try store.write { transaction in
            try transaction.recordRateLimitHit(from: limitKey, at: now)
            try transaction.append(event)
        }
    }
}
