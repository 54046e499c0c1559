import Domain
import HTTPServer

/// Which jobs a request asks for: `?state=&kind=&before=&limit=`; one without a value asks for nothing.
struct JobQuery: Sendable, Equatable {
    /// How many jobs a page shows.
    static let standardLimit = 50
    static let greatestLimit = 500

    var filter = JobFilter()
    var limit = Self.standardLimit

    init() {}

    /// - Throws: `RequestFault` for a name that comes twice, `Refusal` for a value that means nothing.
    init(_ query: Fields) throws {
        func value(_ name: String) throws -> String? {
            guard let text = try query.optional(name), !text.isEmpty else { return nil }
            return text
        }
        if let text = try value("state") {
            guard let state = JobState(rawValue: text) else {
                let known = JobState.allCases.map(\.rawValue).joined(separator: ", ")
                throw Refusal(400, "state must be one of \(known).")
            }
            filter.state = state
        }
        filter.kind = try value("kind")
        if let text = try value("before") {
            guard let before = JobID.read(text) else { throw Refusal(400, "before must be the id of a job.") }
            filter.before = before
        }
        if let text = try value("limit") {
            guard let limit = JobID.read(text), limit <= Self.greatestLimit else {
                throw Refusal(400, "limit must be a whole number from 1 to \(Self.greatestLimit).")
            }
            self.limit = Int(limit)
        }
    }

    /// The address of the list with another filter.
    static func address(_ path: String, _ filter: JobFilter, limit: Int? = nil) -> String {
        let pairs = [
            filter.state.map { "state=\($0.rawValue)" }, filter.kind.map { "kind=\(PercentEncoding.encode($0))" },
            filter.before.map { "before=\($0)" }, limit.map { "limit=\($0)" },
        ].compactMap { $0 }
        return pairs.isEmpty ? path : "\(path)?\(pairs.joined(separator: "&"))"
    }
}

/// Ids in addresses: decimal digits as they are printed, so that each job has one address.
enum JobID {
    static func read(_ text: String) -> Int64? {
        guard let id = Int64(text), id > 0, "\(id)".utf8.elementsEqual(text.utf8) else { return nil }
        return id
    }
}
