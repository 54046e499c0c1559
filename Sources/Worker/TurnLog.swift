import Domain

/// Tells the log what a turn did, one line a job.
enum TurnLog {
    static func tell(_ result: Turn.Result, to journal: any Journal) {
        for ended in result.settled + result.ended { tell(ended, to: journal) }
        for claim in result.fenced {
            journal.note(.warning, "job.fenced", ["job": "\(claim.job)", "token": "\(claim.token)"])
        }
        if result.lapsed > 0 { journal.note(.warning, "lease.lapsed", ["jobs": "\(result.lapsed)"]) }
    }

    private static func tell(_ ended: Turn.Ended, to journal: any Journal) {
        let (level, state, outcome, reason): (LogLevel, String, String, String) =
            switch ended.settlement {
            case .done(let outcome, let reason): (.info, "done", outcome.rawValue, reason)
            case .dead(let outcome, let reason): (.error, "dead", outcome.rawValue, reason)
            case .retry(let at, let reason, let unknown):
                (.warning, "scheduled", unknown ? "unknown" : "retry-at-\(at)", reason)
            case .release(let until, let reason): (.info, until == nil ? "ready" : "scheduled", "released", reason)
            }
        journal.note(
            level, "job.settled",
            [
                "request": ended.job.requestID, "job": "\(ended.job.id)", "kind": ended.job.kind, "state": state,
                "outcome": outcome, "attempt": "\(ended.job.attempts)", "reason": reason,
            ])
    }
}
