import Domain
import Pages

/// A request that is understood and refused, with the status and a sentence for the caller.
struct APIError: Error, Sendable, Equatable {
    let status: Int
    let sentence: String
    /// Which words the page has for it.
    let page: ErrorPage

    init(_ status: Int, _ sentence: String, trouble: ErrorPage? = nil) {
        self.status = status
        self.sentence = sentence
        self.page = trouble ?? ErrorPage(status: status)
    }

    static let formExpired = APIError(403, "The form has expired.", trouble: .formExpired)
    static let unknownJob = APIError(404, "There is no such job.")

    /// The job is in a state that the change does not start from.
    static func conflict(_ state: JobState) -> APIError { APIError(409, "The job is \(state.rawValue) now.") }
}
