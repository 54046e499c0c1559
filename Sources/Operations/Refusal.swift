import Domain
import Pages

/// A request that is understood and not done, with the status and a sentence for whoever asked.
struct Refusal: Error, Sendable, Equatable {
    let status: Int
    let sentence: String
    /// Which words the page has for it.
    let trouble: Trouble

    init(_ status: Int, _ sentence: String, trouble: Trouble? = nil) {
        self.status = status
        self.sentence = sentence
        self.trouble = trouble ?? Trouble(status: status)
    }

    static let unknownJob = Refusal(404, "There is no such job.")

    /// The job is in a state that the change does not start from.
    static func late(_ state: JobState) -> Refusal { Refusal(409, "The job is \(state.rawValue) now.") }
}
