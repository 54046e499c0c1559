/// What a backup holds, as found by looking at it.
package struct BackupContent: Sendable, Equatable {
    /// Rows of each table.
    package let rows: [String: Int]
    /// The number and the hash of the newest audit event; nil when there is none.
    package let auditHead: Head?

    package struct Head: Sendable, Equatable {
        package let number: Int64
        package let hash: [UInt8]
    }
}
