import PostgreSQL

/// A program between us and the server that lends its connections to it, such as PgBouncer.
///
/// Pulih listens for word of other processes, keeps settings and prepared statements: it needs a session of the server
/// for each connection. A pool in session mode gives that, one in transaction or statement mode does not.
enum ConnectionPool {
    /// - Parameter connection: one without a transaction.
    static func findings(_ server: PostgreSQLServer, _ connection: PostgreSQLConnection) throws -> [EngineFinding] {
        guard try isBetween(connection) else { return [] }
        return try sharesSessions(server, connection)
            ? [.obstacle("pool", refusal)]
            : [
                .fine(
                    "pool",
                    "a pool of connections such as PgBouncer stands before the server, in session mode; it must have room "
                        + "for \(PostgreSQLEngine.connectionsOfProcess) connections of each process of Pulih, which keeps "
                        + "them: the server's own address would do better")
            ]
    }

    static let refusal =
        "A pool of connections such as PgBouncer stands before the server and lends its sessions for one transaction each; "
        + "Pulih needs sessions of its own and does not work through it. Name the server's own address and port in "
        + "database.url: Pulih keeps few connections by itself. Or set pool_mode = session for this database."

    /// A pool gives its clients numbers of its own making for the server's processes, since it may change those.
    static func isBetween(_ connection: PostgreSQLConnection) throws -> Bool {
        try backend(connection) != connection.backend
    }

    /// Whether another client gets the session that this one had, or this one another: sure when it is true.
    static func sharesSessions(_ server: PostgreSQLServer, _ connection: PostgreSQLConnection) throws -> Bool {
        let before = try backend(connection)
        let other = try server.connectBare()
        do {
            try other.execute("BEGIN")
            defer { try? other.execute("ROLLBACK") }
            return try backend(other) == before || backend(connection) != before
        } catch  where other.isBroken {
            // A pool that lends for one statement ends the connection that begins a transaction.
            return true
        }
    }

    private static func backend(_ connection: PostgreSQLConnection) throws -> Int32? {
        try connection.rows("SELECT pg_backend_pid()").first?[0].flatMap { Int32($0) }
    }
}
