import Domain

/// Logs what a queue transaction did, one line per job.
enum QueueTransactionLog {
    static func write(_ outcome: QueueTransaction.Outcome, to logger: any Logger) {
        for ended in outcome.settled + outcome.settledUnsent { write(ended, to: logger) }
        for claim in outcome.fenced {
            logger.log(.warning, "job.fenced", ["job": "\(claim.job)", "token": "\(claim.token)"])
        }
        if outcome.lapsed > 0 { logger.log(.warning, "lease.lapsed", ["jobs": "\(outcome.lapsed)"]) }
    }

    static func write(_ ended: QueueTransaction.SettledJob, to logger: any Logger) {
        let (level, state, outcome, reason): (LogLevel, String, String, String) =
            switch ended.settlement {
            case .done(let outcome, let reason): (.info, "done", outcome.rawValue, reason)
            case .dead(let outcome, let reason): (.error, "dead", outcome.rawValue, reason)
            case .retry(let at, let reason, let unknown):
                (.warning, "scheduled", unknown ? "unknown" : "retry-at-\(at)", reason)
            case .release(let until, let reason): (.info, until == nil ? "ready" : "scheduled", "released", reason)
            }
        logger.log(
            level, "job.settled",
            [
                "request": ended.job.requestID, "job": "\(ended.job.id)", "kind": ended.job.kind, "state": state,
                "outcome": outcome, "attempt": "\(ended.job.attempts)", "reason": reason,
            ])
    }
}
