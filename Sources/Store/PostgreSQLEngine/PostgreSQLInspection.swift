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
private struct PostgreSQLInspection {
    private let connection: PostgreSQLConnection
    private let clock: any Clock

    init(_ connection: PostgreSQLConnection, _ clock: any Clock) {
        self.connection = connection
        self.clock = clock
    }

    func findings() throws -> [EngineFinding] {
        [try role(), try rights(), try encoding(), try durability()]
            + (try ReplicationInspection(connection).findings())
            + [try clockOffset(), way, try connections()]
    }

    private func values(_ sql: String) throws -> [String] { try connection.rows(sql).first?.map { $0 ?? "" } ?? [] }

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

    private func durability() throws -> EngineFinding {
        let settings = ["fsync", "full_page_writes", "synchronous_commit"]
        let off = try settings.filter { try values("SHOW \($0)") == ["off"] }
        guard let first = off.first else { return .fine("durability", "what is committed is on the disk") }
        let lost =
            first == "synchronous_commit"
            ? "jobs that other programs add can be lost with the power after they were told that it is done; Pulih itself "
                + "waits for the disk"
            : "requests that were accepted, or the whole database, can be lost with the power"
        return .fault(
            "durability",
            "\(off.joined(separator: " and ")) is off: \(lost). "
                + off.map { "ALTER SYSTEM SET \($0) = on; " }.joined() + "SELECT pg_reload_conf().")
    }

    private func clockOffset() throws -> EngineFinding {
        guard let offset = try ServerClock.measure(connection, by: clock) else {
            return .fault("clock", "This machine's clock is being set; try again.")
        }
        let told = "the server's clock is \(offset.clockStanding) this machine's"
        return offset.isClockOff
            ? .fault(
                "clock",
                "T\(told.dropFirst()): see which of the two is wrong and let both follow a time server "
                    + "(timedatectl set-ntp true, or chrony).")
            : .fine("clock", told)
    }

    private var way: EngineFinding {
        switch (connection.tlsVersion, connection.isLocal) {
        case (let version?, _) where connection.verifiesServer:
            .fine("way", "\(version), and the server's certificate is for its name")
        case (let version?, true): .fine("way", "\(version), on this machine")
        case (let version?, false):
            .fine("way", "\(version), but whose certificate is not looked at: sslmode=verify-full would")
        case (nil, true): .fine("way", "on this machine")
        case (nil, false):
            .fault(
                "way",
                "The way to the server is not encrypted, and whoever listens on it reads everything: take sslmode out of "
                    + "database.url, and switch TLS on at the server.")
        }
    }

    private func connections() throws -> EngineFinding {
        let figures = try values(
            """
            SELECT least(
                    current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int,
                    nullif(rolconnlimit, -1), nullif(datconnlimit, -1)),
                (SELECT sum(numbackends) FROM pg_stat_database)
            FROM pg_roles, pg_database WHERE rolname = current_user AND datname = current_database()
            """)
        let most = Int(figures[0]) ?? 0
        let needed = PostgreSQLEngine.connectionsOfProcess
        return most >= needed
            ? .fine(
                "connections",
                "up to \(most), of which \(figures[1]) are in use; a process of Pulih takes up to \(needed)")
            : .fault(
                "connections",
                "The server lets this user have \(most) connections, and a process of Pulih takes up to \(needed): raise "
                    + "max_connections of the server, or CONNECTION LIMIT of the user or the database.")
    }
}
