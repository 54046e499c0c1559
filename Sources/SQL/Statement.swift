/// One prepared statement, kept by its connection. Parameters are written `$1`, `$2` ….
package protocol Statement: AnyObject {
    /// Runs the statement with these values and passes each row to `body`.
    /// - Returns: how many rows it changed.
    @discardableResult
    func run(_ values: [Value], _ body: (any Row) throws -> Void) throws -> Int
}

/// A statement with its values.
package struct Question: Sendable {
    package let sql: String
    package let values: [Value]

    package init(_ sql: String, _ values: [Value]) {
        self.sql = sql
        self.values = values
    }
}

/// The current row of a running statement, valid only inside the closure that receives it. Columns count from 0.
package protocol Row {
    func isNull(_ column: Int32) -> Bool
    /// NULL reads as 0.
    func integer(_ column: Int32) -> Int64
    /// NULL reads as 0.
    func real(_ column: Int32) -> Double
    /// NULL reads as "".
    func text(_ column: Int32) -> String
    /// NULL reads as an empty blob.
    func blob(_ column: Int32) -> [UInt8]
}

extension Row {
    package func flag(_ column: Int32) -> Bool { integer(column) != 0 }
    package func optionalInteger(_ column: Int32) -> Int64? { isNull(column) ? nil : integer(column) }
    package func optionalText(_ column: Int32) -> String? { isNull(column) ? nil : text(column) }
    package func optionalBlob(_ column: Int32) -> [UInt8]? { isNull(column) ? nil : blob(column) }
}
