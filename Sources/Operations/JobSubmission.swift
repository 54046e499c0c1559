import Domain
import FoundationEssentials

/// A job as a program asks for it: `{"kind": "reset-request", "payload": {…}}`. The payload must be one that a worker
/// can read: here there is still somebody to tell.
struct JobSubmission: Decodable {
    private enum Payload {
        case reset(ResetPayload)
        case notice(NoticePayload)
        case test(MailTestPayload)
    }

    private enum CodingKeys: String, CodingKey {
        case kind, payload
    }

    private let kind: JobKind
    private let payload: Payload

    /// - Throws: `Refusal` that says what is wrong.
    init(json: [UInt8]) throws {
        do {
            self = try JSONDecoder().decode(JobSubmission.self, from: Data(json))
        } catch let error as DecodingError {
            throw Self.refusal(error)
        }
    }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        let name = try container.decode(String.self, forKey: .kind)
        guard let kind = JobKind.submittable.first(where: { $0.rawValue == name }) else {
            let known = JobKind.submittable.map(\.rawValue).joined(separator: ", ")
            throw APIError(422, "kind must be one of \(known).")
        }
        self.kind = kind
        payload =
            switch kind {
            case .resetRequest: .reset(try container.decode(ResetPayload.self, forKey: .payload))
            case .resetNotice, .activationNotice, .disablingNotice, .failureNotice, .recoveryNotice:
                .notice(try container.decode(NoticePayload.self, forKey: .payload))
            // No other kind came so far.
            case .mailTest, .webhook, .logout: .test(try container.decode(MailTestPayload.self, forKey: .payload))
            }
    }

    func job(at now: Instant) throws -> NewJob {
        switch payload {
        case .reset(let payload):
            guard payload.requestID.map(Job.isRequestID) ?? true else {
                throw APIError(422, "payload.request_id must be 1 to 64 visible ASCII characters.")
            }
            return try NewJob(kind, payload: payload, at: now, requestID: payload.requestID)
        case .notice(let payload): return try NewJob(kind, payload: payload, at: now, account: payload.account)
        case .test(let payload): return try NewJob(kind, payload: payload, at: now)
        }
    }

    private static func refusal(_ error: DecodingError) -> APIError {
        switch error {
        case .keyNotFound(let key, let context):
            APIError(422, "\(name(context.codingPath + [key])) is missing.")
        case .typeMismatch(_, let context), .valueNotFound(_, let context):
            APIError(422, "\(name(context.codingPath)) is of the wrong type.")
        default: APIError(400, "The body is not JSON.")
        }
    }

    private static func name(_ path: [any CodingKey]) -> String {
        path.isEmpty ? "The body" : path.map(\.stringValue).joined(separator: ".")
    }
}
