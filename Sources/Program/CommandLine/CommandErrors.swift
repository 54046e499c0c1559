import Domain

/// The command was not written as it is understood: exit status 2.
struct UsageError: PresentableError, Equatable {
    let sentence: String
    var detail: String { "" }

    init(_ sentence: String) { self.sentence = sentence }
}

/// What was asked for cannot be done: exit status 1.
struct CommandError: PresentableError, Equatable {
    let sentence: String
    let detail: String

    init(_ sentence: String, detail: String = "") {
        self.sentence = sentence
        self.detail = detail
    }
}
