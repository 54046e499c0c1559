package import Domain
import PostgreSQL
import SQL

extension PostgreSQLEngine {
    package func withCopySource<Result>(isHeld: Bool, _ body: (any CopySource) throws -> Result) throws -> Result {
        let connection = try connect()
        let source = PostgreSQLCopySource(connection)
        let names = try source.tables().map { "\"\($0.name)\"" } + PostgreSQLCopySource.own
        return try connection.snapshot {
            // The snapshot is taken when something is first read: it holds all that was written until nobody could.
            if isHeld { try connection.execute("LOCK TABLE \(names.joined(separator: ", ")) IN SHARE MODE") }
            return try body(source)
        }
    }

    package func withCopyTarget<Result>(
        at now: Instant, _ body: (any CopyTarget) throws -> Result
    ) throws -> Result {
        let connection = try connect()
        do {
            try migrate(connection, at: now)
        } catch let error as PostgreSQLError where error.state == "42501" {
            throw StoreError(
                sentence:
                    "In \(name) this user may not make tables. Let it own the database: ALTER DATABASE … OWNER TO …",
                detail: error.description)
        }
        return try connection.transaction { try body(PostgreSQLCopyTarget(connection)) }
    }

    private func connect() throws -> PostgreSQLConnection {
        do {
            return try server.connect(.copier)
        } catch let error as PostgreSQLError where error.state.isEmpty {
            throw StoreError(
                sentence: "\(name) cannot be opened. Check host, port, database, user and password, and whether the "
                    + "server's pg_hba.conf lets this machine in.",
                detail: error.message)
        }
    }
}

private class PostgreSQLCopySource: CopySource {
    fileprivate let server: PostgreSQLConnection

    init(_ connection: PostgreSQLConnection) { server = connection }

    var connection: any Connection { server }

    /// What the engine keeps for itself.
    static let own = ["migration", "tally_delta", "job_kind"]

    func tables() throws -> [Table] {
        let columns = try connection.all(
            """
            SELECT pg_class.relname, attname, format_type(atttypid, NULL)
            FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace
                JOIN pg_attribute ON attrelid = pg_class.oid AND attnum > 0 AND NOT attisdropped
            WHERE relkind = 'r' AND nspname = current_schema() AND relname <> ALL (string_to_array($1, ' '))
            ORDER BY pg_class.relname, attnum
            """, [.text(Self.own.joined(separator: " "))]
        ) { row in (table: row.text(0), column: Column(name: row.text(1), kind: Self.kinds[row.text(2)] ?? .text)) }
        return Table.grouped(columns)
    }

    private static let kinds: [String: Column.Kind] = [
        "bigint": .integer, "double precision": .real, "text": .text, "bytea": .blob,
    ]

    func count(_ table: Table) throws -> Int {
        try connection.first("SELECT count(*) FROM \(Self.content(table))") { Int($0.integer(0)) } ?? 0
    }

    func rows(of table: Table, _ body: ([Value]) throws -> Void) throws {
        let order = table.isNumbered ? " ORDER BY id" : ""
        try server.readAll(
            "SELECT \(table.columnList) FROM \(Self.content(table))\(order)", table.columns.map(\.kind), body)
    }

    /// What was counted and not yet summed up is summed up in the copy.
    private static func content(_ table: Table) -> String {
        table.name == "tally" ? Dialect.postgreSQL.tally : "\"\(table.name)\""
    }

    func lastID(of table: Table) throws -> Int64 {
        let greatest = try connection.first("SELECT max(id) FROM \"\(table.name)\"") { $0.integer(0) } ?? 0
        guard let sequence = try sequence(of: table) else { return greatest }
        let given = try connection.first(
            "SELECT CASE WHEN is_called THEN last_value ELSE last_value - 1 END FROM \(sequence)"
        ) { $0.integer(0) }
        return max(greatest, given ?? 0)
    }

    /// The one that gives the ids; nil where the program does.
    fileprivate func sequence(of table: Table) throws -> String? {
        try connection.first("SELECT pg_get_serial_sequence($1, 'id')", [.text("\"\(table.name)\"")]) {
            $0.optionalText(0)
        } ?? nil
    }
}

private final class PostgreSQLCopyTarget: PostgreSQLCopySource, CopyTarget {
    /// The SQL that makes again what was taken away.
    private var removed: [String] = []

    /// References are checked at the end, all at once, so that tables may come in any order. This is an owner's right; to fill
    /// tables as a replica does, without any of it, is a superuser's.
    func prepare(_ tables: [Table]) throws {
        for table in tables { try server.execute("ALTER TABLE \"\(table.name)\" DISABLE TRIGGER USER") }
        let references = try connection.all(
            """
            SELECT relname, conname, pg_get_constraintdef(pg_constraint.oid)
            FROM pg_constraint JOIN pg_class ON pg_class.oid = conrelid
                JOIN pg_namespace ON pg_namespace.oid = relnamespace
            WHERE contype = 'f' AND nspname = current_schema()
            ORDER BY relname, conname
            """
        ) { (table: $0.text(0), name: $0.text(1), definition: $0.text(2)) }
        for reference in references {
            let change = "ALTER TABLE \"\(reference.table)\""
            try server.execute("\(change) DROP CONSTRAINT \"\(reference.name)\"")
            removed.append("\(change) ADD CONSTRAINT \"\(reference.name)\" \(reference.definition)")
        }
    }

    func fill(_ table: Table, _ feed: (_ add: ([Value]) throws -> Void) throws -> Void) throws {
        try server.fill(table, feed)
    }

    func setLastID(_ id: Int64, of table: Table) throws {
        guard try sequence(of: table) != nil else { return }
        try server.execute("ALTER TABLE \"\(table.name)\" ALTER COLUMN id RESTART WITH \(id + 1)")
    }

    func finish(_ tables: [Table]) throws {
        do {
            for statement in removed { try server.execute(statement) }
        } catch let error as PostgreSQLError where error.state == "23503" {
            throw UnmatchedReferenceError(reference: error.message)
        }
        for table in tables {
            // The first claims are planned with what there is, not with what there was.
            try server.execute("ALTER TABLE \"\(table.name)\" ENABLE TRIGGER USER; ANALYZE \"\(table.name)\"")
        }
        try server.execute("INSERT INTO job_kind (kind) SELECT DISTINCT kind FROM job")
    }
}
