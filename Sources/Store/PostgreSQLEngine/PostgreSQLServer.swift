import PostgreSQL

/// Where the database is, and how sessions on it are set up.
package struct PostgreSQLServer: Sendable {
    /// PostgreSQL 15.
    static let oldest = 150_000

    /// What a connection is for.
    enum Use: String {
        case writer
        case reader
        /// Tells other processes of commits, and hears of theirs.
        case messenger
        /// Copies all that there is, in one long transaction.
        case copier
    }

    /// How sentences for people name it: without a password.
    package let name: String
    private let parameters: [(String, String)]
    private let gate = ConnectionGate()

    /// - Parameters:
    ///   - name: the address without secrets.
    ///   - parameters: libpq's keywords with their values.
    package init(name: String, parameters: [(String, String)]) {
        self.name = name
        self.parameters = parameters
    }

    func connect(_ use: Use) throws -> PostgreSQLConnection {
        try PostgreSQLConnection(
            Self.defaults(use) + parameters, setup: Self.settings + Self.settings(use), gate: gate)
    }

    /// One on which nothing is set up, to look at the server whatever its version.
    func connectBare() throws -> PostgreSQLConnection { try PostgreSQLConnection(Self.defaults(.reader) + parameters) }

    /// Why there is no connection, host by host.
    func failures() -> [PostgreSQLError] { PostgreSQLConnection.failures(Self.defaults(.reader) + parameters) }

    /// Overridden by what is configured. A server that has vanished without a word is given up after some seconds.
    private static func defaults(_ use: Use) -> [(String, String)] {
        [
            ("connect_timeout", "3"), ("keepalives_idle", "3"), ("keepalives_interval", "1"), ("keepalives_count", "3"),
            ("tcp_user_timeout", use == .copier ? "60000" : "5000"), ("fallback_application_name", "pulih"),
        ]
    }

    /// The server gives up a process of ours that has vanished, or stands still, in a transaction: it would hold up all others.
    /// Each question has its index; the planner, which knows nothing of the values, would now and then guess that most of a
    /// table is asked for and read all of it. For the same reason it plans each question once: over a large table it would plan a
    /// claim anew each time, which takes longer than the claim.
    private static let settings = """
        SET client_encoding = 'UTF8'; SET jit = off; SET enable_seqscan = off; SET plan_cache_mode = force_generic_plan;
        SET pulih.process = 'on';
        SET idle_in_transaction_session_timeout = '5s'; SET lock_timeout = '10s';
        SET tcp_keepalives_idle = 3; SET tcp_keepalives_interval = 1; SET tcp_keepalives_count = 3;
        SET tcp_user_timeout = '5s';

        """

    private static func settings(_ use: Use) -> String {
        switch use {
        // What is acknowledged is on the disk, here and at the standbys that the server waits for, whatever its default is.
        case .writer:
            """
            SELECT set_config('synchronous_commit', 'on', false)
            WHERE current_setting('synchronous_commit') IN ('off', 'local', 'remote_write')
            """
        case .reader: "SET default_transaction_read_only = on"
        // It writes nothing that could be lost.
        case .messenger: "SET synchronous_commit = off"
        // One side may have to wait for the other for longer than a service would. If this process is killed, the server
        // notices in the midst of a long statement too.
        case .copier:
            """
            SET idle_in_transaction_session_timeout = 0; SET tcp_user_timeout = '60s';
            SET client_connection_check_interval = '1s'
            """
        }
    }
}
