import Domain

/// The command was not written as it is understood: exit status 2.
package struct UsageError: PresentableError, Equatable {
    package let sentence: String
    package var detail: String { "" }

    package init(_ sentence: String) { self.sentence = sentence }
}

/// What was asked for cannot be done: exit status 1.
package struct CommandError: PresentableError, Equatable {
    package let sentence: String
    package let detail: String

    package init(_ sentence: String, detail: String = "") {
        self.sentence = sentence
        self.detail = detail
    }
}
