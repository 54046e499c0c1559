import CommandLine
import Domain

/// The head of the audit log's chain at some time, as the log tells it once a day.
struct AuditHead: Equatable, Encodable {
    let number: Int64
    /// 64 hexadecimal digits.
    let hash: String

    init(number: Int64, hash: String) {
        self.number = number
        self.hash = hash
    }

    /// - Throws: `UsageError` for anything but `NUMBER:HASH`.
    init(reading text: String) throws {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, let number = Int64(parts[0]), number > 0, parts[1].count == 64,
            parts[1].allSatisfy(\.isHexDigit)
        else { throw UsageError("--head takes the number of an event and its 64 hexadecimal digits: NUMBER:HASH") }
        self.init(number: number, hash: parts[1].lowercased())
    }
}

/// What a walk over the audit log came to.
struct AuditVerificationResult: Equatable, Encodable {
    let ok: Bool
    /// Events that were walked over.
    let count: Int
    let head: AuditHead?
    /// The first event that does not fit.
    let brokenAt: Int64?
    let problem: String?
}

/// A walk over the audit log from its beginning, which must pass a head from elsewhere if one is given.
struct AuditVerification {
    private let expectedHead: AuditHead?
    private var verifier = AuditChain.Verifier()
    private var brokenAt: Int64?
    private var problem: String?
    private var hasSeenExpectedHead = false

    init(expectedHead: AuditHead? = nil) { self.expectedHead = expectedHead }

    var count: Int { verifier.count }

    /// - Returns: whether to walk on.
    mutating func verify(_ record: AuditRecord) -> Bool {
        if case .broken(let number) = verifier.verify(record) {
            brokenAt = number
            problem =
                "The audit log is broken at event \(number): it, or one before it, was changed, taken out or put in. "
                + "What stands before event \(number) fits together."
            return false
        }
        if let expectedHead, record.number == expectedHead.number {
            hasSeenExpectedHead = true
            let hash = AuditChain.text(verifier.head)
            guard hash == expectedHead.hash else {
                brokenAt = record.number
                problem =
                    "The audit log was made anew: event \(record.number) has the hash \(hash), not the one given. "
                    + "An event up to \(record.number) is another than it was when that head was told."
                return false
            }
        }
        return true
    }

    var finding: AuditVerificationResult {
        var problem = problem
        if problem == nil, let expectedHead, !hasSeenExpectedHead {
            let end = verifier.last.map { "it ends at event \($0.number)" } ?? "it is empty"
            problem = "The audit log was cut: there is no event \(expectedHead.number), \(end)."
        }
        let head = verifier.last.map { AuditHead(number: $0.number, hash: AuditChain.text(verifier.head)) }
        return AuditVerificationResult(
            ok: problem == nil, count: count, head: problem == nil || brokenAt == nil ? head : nil, brokenAt: brokenAt,
            problem: problem)
    }
}
