import Domain
import HTTPServer

/// Which jobs a request asks for: `?state=&kind=&outcome=&account=&request=&reason=&older_than=&before=&limit=`; one without a
/// value asks for nothing.
struct JobQuery: Sendable, Equatable {
    /// How many jobs a page shows.
    static let standardLimit = 50
    static let greatestLimit = 500

    var state: JobState?
    var kind: String?
    /// One of `Job.outcomes`.
    var outcome: String?
    /// A User ID.
    var account: String?
    /// The number of a request.
    var request: String?
    /// Text that the reason holds.
    var reason: String?
    var olderThan: Age?
    /// Only jobs with a smaller id: the next page.
    var before: Int64?
    var limit = Self.standardLimit

    init(state: JobState? = nil, kind: String? = nil) {
        self.state = state
        self.kind = kind
    }

    /// - Throws: `RequestError` for a name that comes twice, `Refusal` for a value that means nothing.
    init(_ query: Fields) throws {
        func value(_ name: String) throws -> String? {
            guard let text = try query.optional(name), !text.isEmpty else { return nil }
            return text
        }
        if let text = try value("state") {
            guard let state = JobState(rawValue: text) else {
                let known = JobState.allCases.map(\.rawValue).joined(separator: ", ")
                throw APIError(400, "state must be one of \(known).")
            }
            self.state = state
        }
        kind = try value("kind")
        if let text = try value("outcome") {
            guard Job.outcomes.contains(text) else {
                throw APIError(400, "outcome must be one of \(Job.outcomes.joined(separator: ", ")).")
            }
            outcome = text
        }
        account = try value("account")
        request = try value("request")
        reason = try value("reason")
        if let text = try value("older_than") {
            guard let age = Age(text) else {
                throw APIError(400, "older_than must be a time such as 90s, 15m, 2h or 3d.")
            }
            olderThan = age
        }
        if let text = try value("before") {
            guard let before = JobID.parse(text) else { throw APIError(400, "before must be the id of a job.") }
            self.before = before
        }
        limit = try Self.limit(query) ?? Self.standardLimit
    }

    static func limit(_ query: Fields) throws -> Int? {
        guard let text = try query.optional("limit"), !text.isEmpty else { return nil }
        guard let limit = JobID.parse(text), limit <= greatestLimit else {
            throw APIError(400, "limit must be a whole number from 1 to \(greatestLimit).")
        }
        return Int(limit)
    }

    /// - Returns: nil when there is no such account.
    func filter(in transaction: any AccountReader, at now: Instant) throws -> JobFilter? {
        var filter = JobFilter(state: state, kind: kind, before: before)
        filter.outcome = outcome
        filter.reason = reason
        filter.requestID = request.map(RequestNumber.requestID)
        filter.createdBefore = olderThan.map { now - $0.span }
        if let account {
            guard let found = try transaction.account(userID: account) else { return nil }
            filter.account = found
        }
        return filter
    }

    /// The address that asks for this.
    func address(_ path: String) -> String {
        let pairs: [(String, String?)] = [
            ("state", state?.rawValue), ("kind", kind), ("outcome", outcome), ("account", account),
            ("request", request), ("reason", reason), ("older_than", olderThan?.text),
            ("before", before.map { "\($0)" }),
            ("limit", limit == Self.standardLimit ? nil : "\(limit)"),
        ]
        let asked = pairs.compactMap { name, value in value.map { "\(name)=\(PercentEncoding.encode($0))" } }
        return asked.isEmpty ? path : "\(path)?\(asked.joined(separator: "&"))"
    }

    /// The jobs after these.
    func following(_ last: Int64) -> JobQuery {
        var query = self
        query.before = last
        return query
    }
}

/// A length of time as people type it: `90s`, `15m`, `2h`, `3d`.
struct Age: Sendable, Equatable {
    let text: String
    let span: TimeSpan

    init?(_ text: String) {
        let units: [Character: TimeSpan] = ["s": .seconds(1), "m": .minutes(1), "h": .hours(1), "d": .days(1)]
        guard let unit = text.last.flatMap({ units[$0] }), let count = JobID.parse(String(text.dropLast())),
            count <= 1_000_000
        else { return nil }
        self.text = text
        span = .milliseconds(count * unit.milliseconds)
    }
}

/// Ids in addresses: decimal digits as they are printed, so that each job has one address.
enum JobID {
    static func parse(_ text: String) -> Int64? {
        guard let id = Int64(text), id > 0, "\(id)".utf8.elementsEqual(text.utf8) else { return nil }
        return id
    }
}
