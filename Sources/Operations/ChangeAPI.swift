import Domain
import FoundationEssentials
import HTTPServer

/// Changes through the JSON API. The body is `{"why": "…"}`, for the audit log; a job may be changed without a reason.
extension Operations {
    private struct Reason: Decodable {
        let why: String?
    }

    /// What came too late, and the state instead.
    private struct Conflict: Encodable {
        let error: String
        let state: String
    }

    private struct ChangedKind: Encodable {
        let kind: String
        let state: String
    }

    /// Answers with the job as it is after the change, or 409 with the state that does not allow it.
    func postChange(_ id: String, _ change: JobChange, _ request: Request) throws -> Response {
        let why = try Self.why(request)
        guard let id = JobID.parse(id) else { throw APIError.unknownJob }
        switch try apply(change, to: id, why: why, by: .api, request) {
        case .unknown: throw APIError.unknownJob
        case .conflict(let state):
            return try .encoded(Conflict(error: APIError.conflict(state).sentence, state: state.rawValue), status: 409)
        case .done: return try .encoded(try record(id))
        }
    }

    func postChange(lane: String, _ change: KindPauseChange, _ request: Request) throws -> Response {
        let why = try Self.why(request)
        let state = change == .pause ? "paused" : "open"
        guard try apply(change, lane: lane, why: why, by: .api, request) else {
            return try .encoded(Conflict(error: "The lane is \(state) already.", state: state), status: 409)
        }
        return try .encoded(ChangedKind(kind: lane, state: state))
    }

    private static func why(_ request: Request) throws -> String {
        try requireJSON(request)
        do {
            return try JSONDecoder().decode(Reason.self, from: Data(request.body)).why ?? ""
        } catch {
            throw APIError(400, #"The body must be {"why": "…"} in JSON."#)
        }
    }
}
