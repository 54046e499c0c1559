package import SQL

/// The database that is copied, held still or as it was at one moment.
package protocol CopySource: AnyObject {
    var connection: any Connection { get }

    /// What is kept of the installation: not what the engine keeps for itself.
    func tables() throws -> [Table]

    func count(_ table: Table) throws -> Int

    /// Passes each row to `body`, its values in the order of the table's columns.
    /// - Throws: `InvalidTextError`.
    func rows(of table: Table, _ body: ([Value]) throws -> Void) throws

    /// The greatest id that a numbered table has ever given, also to a row that is gone; 0 when it has given none.
    func lastID(of table: Table) throws -> Int64
}

/// The database that is copied to, in one transaction.
package protocol CopyTarget: CopySource {
    /// Puts out of the way what would act on each row: triggers, checks of references, and indices if need be.
    func prepare(_ tables: [Table]) throws

    /// - Parameter feed: hands in the rows, their values in the order of the table's columns.
    func fill(_ table: Table, _ feed: (_ add: ([Value]) throws -> Void) throws -> Void) throws

    /// Ids that a table gives from now on are greater.
    func setLastID(_ id: Int64, of table: Table) throws

    /// Puts back what was out of the way.
    /// - Throws: when a row refers to one that is not there.
    func finish(_ tables: [Table]) throws
}
