import Foundation
import Glibc
import Threading

/// A PostgreSQL server that stands for a whole machine: it can lose power, stand still, and be set up again from another.
package final class PostgreSQLNode: Sendable {
    /// What the others know it by.
    package let name: String
    package let port: UInt16
    private let reservation: FreePort
    private let folder: TemporaryFolder
    private let process = Monitor<Subprocess?>(nil)

    /// Makes the machine; there is no server on it yet.
    package init(name: String) throws {
        self.name = name
        reservation = try FreePort()
        port = reservation.number
        folder = try TemporaryFolder()
        try PostgreSQLPeer.handOver(folder.path)
    }

    package var isRunning: Bool { process.withLock { $0 != nil } }

    private var data: String { folder.file("data") }

    /// An empty server.
    func initialize() throws {
        try PostgreSQLPeer.initialize(data)
        let settings = [
            "listen_addresses = '127.0.0.1'", "unix_socket_directories = ''", "max_connections = 200",
            // What dies here is processes: what they have written, the system keeps.
            "fsync = off",
        ]
        try PostgreSQLPeer.configure(data, settings)
    }

    /// Throws away what is here and makes a standby of `primary`, which runs.
    func copy(_ primary: PostgreSQLNode) throws {
        try? FileManager.default.removeItem(atPath: data)
        let arguments = [
            "-h", "127.0.0.1", "-p", "\(primary.port)", "-U", "pulih", "-D", data, "-R", "-X", "stream", "-c", "fast",
            "--no-sync",
        ]
        try Subprocess.output(of: "env", try PostgreSQLPeer.command("pg_basebackup", arguments), timeout: .seconds(60))
    }

    /// Starts the server and returns when it answers.
    /// - Parameter environment: added to the runner's own.
    package func start(environment: [String: String] = [:]) throws {
        let arguments = ["-D", data, "-c", "port=\(port)", "-c", "cluster_name=\(name)"]
        let started = try Subprocess(
            "env",
            try PostgreSQLPeer.command("postgres", arguments, endsWithTests: true, environment: environment))
        try started.waitForLine(timeout: .seconds(60)) { $0.contains("ready to accept") }
        process.withLock { $0 = started }
    }

    /// The power fails: every process of the server is gone at once, whatever it was doing.
    package func kill() throws {
        guard let server = process.withLock({ $0.take() }) else { return }
        // It starts no other, and sees none die.
        server.signal(SIGSTOP)
        for child in Self.children(of: server.processID) { Glibc.kill(child, SIGKILL) }
        server.signal(SIGKILL)
        try server.waitForExit()
    }

    /// Stands still: connections stay open and are made, and nothing answers.
    package func freeze() { signal(SIGSTOP) }

    /// Goes on after `freeze()`.
    package func thaw() { signal(SIGCONT) }

    private func signal(_ signal: Int32) {
        guard let server = process.withLock({ $0 }) else { return }
        server.signal(signal)
        for child in Self.children(of: server.processID) { Glibc.kill(child, signal) }
    }

    private static func children(of process: pid_t) -> [pid_t] {
        let list = try? String(contentsOfFile: "/proc/\(process)/task/\(process)/children", encoding: .ascii)
        return (list ?? "").split(separator: " ").compactMap { pid_t($0) }
    }

    /// Runs SQL in PostgreSQL's own client, and stops at the first statement that fails.
    /// - Returns: the rows, one a line, with a bar between columns.
    @discardableResult
    package func psql(_ database: String, _ sql: String) throws -> String {
        try Subprocess.output(
            of: "psql",
            [
                "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-d",
                "postgresql://pulih@127.0.0.1:\(port)/\(database)?connect_timeout=5", "-f", "-",
            ], input: sql + "\n"
        ).trimmingCharacters(in: .newlines)
    }
}
