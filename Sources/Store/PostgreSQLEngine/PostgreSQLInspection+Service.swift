import Domain
import PostgreSQL

/// How the server serves: what it keeps, by which clock, over which way, and to how many.
extension PostgreSQLInspection {
    func durability() throws -> EngineFinding {
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

    func clockOffset() throws -> EngineFinding {
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

    var way: EngineFinding {
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

    func connections() throws -> EngineFinding {
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
