package import Domain
import PostgreSQL

extension PostgreSQLEngine {
    package func inspect(by clock: any Clock) -> [EngineFinding] {
        do {
            let connection = try server.connectBare()
            var findings = [EngineFinding.version(connection.serverVersion)]
            guard findings[0].verdict == .fine else { return findings }
            findings += try ConnectionPool.findings(server, connection)
            guard findings.allSatisfy({ $0.verdict != .obstacle }) else { return findings }
            return try findings + PostgreSQLInspection(connection, clock).findings()
        } catch let error as PostgreSQLError where error.state.isEmpty {
            let failures = server.failures().map(EngineFinding.failure)
            let all = failures.isEmpty ? [EngineFinding.failure(error)] : failures
            // A way may have been tried with TLS and without.
            return all.enumerated().filter { index, finding in !all[..<index].contains(finding) }.map(\.element)
        } catch {
            return [.obstacle("server", "The server did not answer what it was asked: \(error)")]
        }
    }
}

extension EngineFinding {
    fileprivate static func version(_ version: Int) -> EngineFinding {
        let name = "PostgreSQL \(version / 10_000).\(version % 10_000)"
        return version >= PostgreSQLServer.oldest
            ? .fine("version", name)
            : .obstacle(
                "version",
                "\(name) is too old; Pulih needs PostgreSQL 15 or later. Upgrade the server with pg_upgrade, or use another."
            )
    }
}

/// What a server says of itself and of the database, subject by subject.
struct PostgreSQLInspection {
    let connection: PostgreSQLConnection
    let clock: any Clock

    init(_ connection: PostgreSQLConnection, _ clock: any Clock) {
        self.connection = connection
        self.clock = clock
    }

    func findings() throws -> [EngineFinding] {
        [try role(), try rights(), try encoding(), try durability()]
            + (try ReplicationInspection(connection).findings())
            + [try vacuum(), try clockOffset(), way, try connections()]
    }

    /// The first row of an answer.
    func values(_ sql: String) throws -> [String] { try connection.rows(sql).first?.map { $0 ?? "" } ?? [] }

    private func role() throws -> EngineFinding {
        let isStandby = try values("SELECT pg_is_in_recovery()") == ["t"]
        return isStandby
            ? .obstacle("role", "The server does not take writes. \(EngineFinding.standby)")
            : .fine("role", "primary: the server takes writes")
    }

    private func rights() throws -> EngineFinding {
        let mine = try values(
            """
            SELECT quote_ident(current_user), coalesce(quote_ident(current_schema()), ''),
                has_schema_privilege(current_schema(), 'CREATE'), quote_ident(current_database())
            """)
        let (user, schema) = (mine[0], mine[1])
        guard !schema.isEmpty else {
            return .obstacle(
                "rights",
                "User \(user) finds no schema: CREATE SCHEMA AUTHORIZATION \(user), in database \(mine[3]).")
        }
        let owners = try values(
            """
            SELECT coalesce(string_agg(DISTINCT quote_ident(pg_get_userbyid(relowner)), ', '), '') FROM pg_class
            WHERE relnamespace = quote_ident(current_schema())::regnamespace AND relkind = 'r'
                AND relname IN ('account', 'audit_event', 'job', 'migration', 'session', 'worker')
                AND NOT pg_has_role(relowner, 'USAGE')
            """)[0]
        guard owners.isEmpty else {
            return .obstacle(
                "rights",
                "The tables of Pulih belong to \(owners), not to user \(user), who must change them with new versions: "
                    + "GRANT \(owners) TO \(user), or REASSIGN OWNED BY \(owners) TO \(user).")
        }
        guard mine[2] == "t" else {
            return .obstacle(
                "rights",
                "User \(user) may not make tables in schema \(schema): GRANT USAGE, CREATE ON SCHEMA \(schema) TO \(user), "
                    + "in database \(mine[3]).")
        }
        return .fine("rights", "user \(user) may make tables in schema \(schema)")
    }

    private func encoding() throws -> EngineFinding {
        let encoding = try values(
            "SELECT pg_encoding_to_char(encoding) FROM pg_database WHERE datname = current_database()")[0]
        return encoding == "UTF8"
            ? .fine("encoding", encoding)
            : .obstacle(
                "encoding",
                "The database is encoded in \(encoding), which cannot hold every name: make a new one with createdb "
                    + "--encoding UTF8 --template template0.")
    }
}
