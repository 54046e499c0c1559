import Domain
import SQL

/// One open transaction, seen as Domain sees it. The SQL is in extensions of this type, one file a subject.
final class StoreTransaction {
    let connection: any Connection
    /// What the engine says in words of its own.
    let queries: Queries
    /// Whether jobs became ready in this session, so that a worker should be woken after the commit.
    var didEnqueue = false
    /// Counted in this transaction and not yet written; see StatisticSQL.
    var pendingStatistics: [StatisticKey: (count: Int, total: Double)] = [:]

    /// Who is told of events, once it was asked; forgotten where it may have changed.
    var subscriptions: [Webhook]?
    /// Where the audit log ends, once it was asked; forgotten where what was appended may have been undone. Nobody else appends
    /// while this transaction is open.
    var auditEnd: AuditEnd?

    init(_ connection: any Connection, _ queries: Queries) { (self.connection, self.queries) = (connection, queries) }

    /// Forgets what belongs to the transaction before.
    func begin() {
        didEnqueue = false
        pendingStatistics = [:]
        subscriptions = nil
        auditEnd = nil
    }

    /// Runs an `INSERT` of one row.
    /// - Returns: the row's id.
    func insert(_ sql: String, _ values: [Value]) throws -> Int64 {
        guard let id = try connection.first(sql + " RETURNING id", values, { $0.integer(0) }) else {
            throw StoreError(sentence: "The database did not store what it was given.", detail: sql)
        }
        return id
    }
}

extension StoreTransaction: WriteTransaction {}

@available(*, unavailable) extension StoreTransaction: Sendable {}

extension Value {
    static func instant(_ instant: Instant) -> Value { .integer(instant.milliseconds) }
    static func state(_ state: JobState) -> Value { .text(state.rawValue) }
}

extension Row {
    func instant(_ column: Int32) -> Instant { Instant(milliseconds: integer(column)) }
    func optionalInstant(_ column: Int32) -> Instant? { optionalInteger(column).map(Instant.init(milliseconds:)) }
}
