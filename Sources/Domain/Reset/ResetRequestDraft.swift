import FoundationEssentials

/// A queued reset request, with all that is looked up to decide on it.
struct ResetRequestDraft {
    /// Why a payload cannot be understood.
    struct MalformedPayload: Error {
        let reason: String
    }

    let job: Job
    let payload: Result<ResetPayload, MalformedPayload>
    /// What the job opened when it was claimed before.
    var opened: ResetRequest?
    /// The captcha to spend: that of a request which is decided on for the first time, and whose answer is right.
    var captcha: SpentCaptcha?
    var captchaRefusal: ResetRequestValidation.ResetRefusal?
    /// Whose request it is.
    var account: Account?
    /// How many links the account had within the hour, before any of these requests was decided on.
    var links = 0

    init(_ job: Job) {
        self.job = job
        payload = Self.payload(of: job)
    }

    /// As it was typed; nil where it does not matter whose it is.
    var userID: String? { opened == nil && captchaRefusal == nil ? (try? payload.get())?.userID : nil }

    private static func payload(of job: Job) -> Result<ResetPayload, MalformedPayload> {
        guard let json = job.payload else { return .failure(MalformedPayload(reason: "the job has no payload")) }
        do {
            return .success(try JSONDecoder().decode(ResetPayload.self, from: Data(json.utf8)))
        } catch {
            return .failure(MalformedPayload(reason: explain(error)))
        }
    }

    private static func explain(_ error: any Error) -> String {
        switch error {
        case DecodingError.keyNotFound(let key, _): "the payload has no \(key.stringValue)"
        case DecodingError.typeMismatch(_, let context), DecodingError.valueNotFound(_, let context):
            context.codingPath.last.map { "the payload's \($0.stringValue) is not text" }
                ?? "the payload is not an object"
        default: "the payload is not JSON"
        }
    }
}
