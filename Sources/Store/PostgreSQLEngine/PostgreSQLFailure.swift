import PostgreSQL

extension EngineFinding {
    /// Why a server is not reached, in libpq's words or the server's, and what to do.
    static func failure(_ error: PostgreSQLError) -> EngineFinding {
        let words = error.message.prefix(1).uppercased() + error.message.dropFirst()
        let end = words.hasSuffix(".") ? "" : "."
        return .obstacle("server", "\(words)\(end) \(cure(of: error))")
    }

    private static func cure(of error: PostgreSQLError) -> String {
        if let cure = cures[error.state] { return cure }
        return wordedCures.first { error.message.contains($0.words) }?.cure
            ?? "Check database.url, and try the same address with psql."
    }

    /// By the code of a server that answered (PostgreSQL's documentation, appendix A).
    private static let cures = [
        "28P01": "Put the right password in the file that database.passwordFile names, or give the user this one with "
            + "ALTER ROLE ... PASSWORD.",
        "28000": "Let the user in from this machine: CREATE ROLE ... LOGIN makes the user, a line of the server's "
            + "pg_hba.conf admits it (method scram-sha-256); then SELECT pg_reload_conf().",
        "3D000": "Make it on the server: createdb --owner USER --encoding UTF8 --template template0 DATABASE.",
        "42501": "On the server: GRANT CONNECT ON DATABASE ... TO the user.",
        "53300":
            "Raise max_connections of the server, or CONNECTION LIMIT of the user or the database; a process of Pulih "
            + "takes up to eleven connections.",
        "57P03":
            "Wait until the server has started; a standby must have hot_standby = on, and is of use only once it is "
            + "the primary.",
    ]

    /// By words of libpq, which are English: it is told no other language.
    private static let wordedCures: [(words: String, cure: String)] = [
        (
            "could not translate host name",
            "Check the host in database.url, and that this machine's name server knows it."
        ),
        (
            "Connection refused",
            "Nothing listens there: check host and port in database.url, that the server runs, and that its "
                + "listen_addresses are not this machine alone."
        ),
        ("No such file or directory", "Nothing listens there: start the server, or name its host in database.url."),
        (
            "timeout expired",
            "Nothing answers there: check the host in database.url, and the firewalls between it and this machine."
        ),
        ("Connection timed out", "Check the host in database.url, and the firewalls between it and this machine."),
        ("No route to host", "Check the host in database.url, and the network between it and this machine."),
        ("Network is unreachable", "Check the host in database.url, and the network of this machine."),
        (
            "no password supplied",
            "Put the user's password in a file of mode 0600 and name that as database.passwordFile; a .pgpass that others "
                + "can read is not heeded."
        ),
        (
            "certificate verify failed",
            "Its certificate is not signed by an authority that this machine trusts, or is over: add "
                + "sslrootcert=FILE with the authority's certificate to database.url, or have the certificate renewed."
        ),
        (
            "does not match host name",
            "Use the name of the certificate in database.url, or have a certificate made for this host."
        ),
        (
            "root certificate file",
            "Name the certificate of the server's authority in database.url: sslrootcert=FILE."
        ),
        (
            "server does not support SSL",
            "Switch TLS on at the server: ssl = on with ssl_cert_file and ssl_key_file; only where nobody can listen on the "
                + "way add sslmode=disable to database.url."
        ),
        ("session is read-only", standby), ("server is in hot standby mode", standby),
    ]

    /// What to do where only a standby is reached.
    static let standby =
        "It is a standby, which cannot be written to: name all servers in database.url and let the primary be looked for, "
        + "postgresql://pulih@db1,db2/pulih?target_session_attrs=read-write, or promote it: SELECT pg_promote()."
}
