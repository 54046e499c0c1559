import Domain

extension StoreTransaction {
    /// Walks over the whole chain of the audit log.
    /// - Parameter name: how the sentence of the error names the database.
    /// - Returns: the newest event; nil when there is none.
    /// - Throws: `StoreError`: the chain is broken.
    func verifiedAuditHead(of name: String) throws -> BackupContent.Head? {
        var verifier = AuditChain.Verifier()
        while true {
            let events = try auditEvents(after: verifier.last?.number ?? 0, limit: 1000)
            guard !events.isEmpty else { break }
            for event in events where verifier.verify(event) != .intact {
                throw BackupContent.failure(name, "the chain of its audit log is broken at event \(event.number)")
            }
        }
        return verifier.last.map { BackupContent.Head(number: $0.number, hash: verifier.head) }
    }
}

extension BackupContent {
    /// Why a copy is not kept.
    static func failure(_ copy: String, _ trouble: String, _ detail: String = "") -> StoreError {
        StoreError(sentence: "The copy \(copy) cannot be trusted: \(trouble).", detail: detail)
    }
}
