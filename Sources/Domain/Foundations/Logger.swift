/// Where events are written as they happen, one line each.
package protocol Logger: Sendable {
    /// - Parameters:
    ///   - event: what happened, as `subject.verb`: `job.settled`.
    ///   - fields: facts in order. Never a secret, a token, a code, a password or a mail's body.
    func log(_ level: LogLevel, _ event: String, _ fields: KeyValuePairs<String, String>)
}

extension Logger {
    /// The store failed. The caller reports it in another way too.
    package func log(_ error: StoreError) {
        log(.error, "storage.failed", ["reason": error.sentence, "detail": error.detail])
    }
}

package enum LogLevel: String, Sendable, CaseIterable, Comparable {
    case debug, info, warning, error

    private var rank: Int {
        switch self {
        case .debug: 0
        case .info: 1
        case .warning: 2
        case .error: 3
        }
    }

    package static func < (left: LogLevel, right: LogLevel) -> Bool { left.rank < right.rank }
}
