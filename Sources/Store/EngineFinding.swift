/// One thing that was found out about a database and its server, for the operator.
package struct EngineFinding: Sendable, Equatable {
    package enum Verdict: Sendable {
        case fine
        /// It works, but not as it should.
        case fault
        /// Before this is cured nothing can be done with the database.
        case obstacle
    }

    /// What was looked at, in a word or two.
    package let subject: String
    package let verdict: Verdict
    /// What was found; for a fault also what to do. Holds no secret.
    package let sentence: String

    private init(_ subject: String, _ verdict: Verdict, _ sentence: String) {
        self.subject = subject
        self.verdict = verdict
        self.sentence = sentence
    }

    static func fine(_ subject: String, _ sentence: String) -> EngineFinding { EngineFinding(subject, .fine, sentence) }
    static func fault(_ subject: String, _ sentence: String) -> EngineFinding {
        EngineFinding(subject, .fault, sentence)
    }
    static func obstacle(_ subject: String, _ sentence: String) -> EngineFinding {
        EngineFinding(subject, .obstacle, sentence)
    }
}
