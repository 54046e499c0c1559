/// An error with a sentence for a person and detail for the log.
package protocol PresentableError: Error, Sendable {
    /// What happened and what to do, for the reader of the page or the terminal.
    var sentence: String { get }
    /// What an engineer needs beyond that; may name files and codes, never a secret.
    var detail: String { get }
}

/// The store cannot do its work now: disk full, locked for too long, damaged.
package struct StoreError: PresentableError, Equatable {
    package let sentence: String
    package let detail: String

    package init(sentence: String, detail: String) {
        self.sentence = sentence
        self.detail = detail
    }
}
