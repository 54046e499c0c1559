extension Array {
    /// Asks one question about all elements that it arises for, instead of one for each: where the store has a server, every
    /// question takes its way there and back, and inside a write all other writers wait meanwhile.
    /// - Parameters:
    ///   - subject: what to ask of an element; nil where there is nothing to ask.
    ///   - ask: returns the answers in the order of the subjects.
    package mutating func lookUp<Subject, Answer>(
        _ subject: (Element) -> Subject?, _ ask: ([Subject]) throws -> [Answer],
        _ note: (inout Element, Answer) -> Void
    ) rethrows {
        let asked = indices.compactMap { place in subject(self[place]).map { (place: place, subject: $0) } }
        guard !asked.isEmpty else { return }
        for ((place, _), answer) in zip(asked, try ask(asked.map(\.subject))) { note(&self[place], answer) }
    }
}
