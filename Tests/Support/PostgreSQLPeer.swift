import Foundation
import Threading

/// A real PostgreSQL server on a folder of its own, on a port of the loopback. It ends with the process that started it,
/// however that one ends.
package final class PostgreSQLPeer: Sendable {
    /// The one that all tests of a process share; each has a database of its own on it. As careful as a real one, in which
    /// `pulih check` finds no fault.
    package static let shared = Result { try PostgreSQLPeer(settings: []) }

    package let port: UInt16
    private let reservation: FreePort
    package let folder: String
    private let server: Subprocess

    /// - Parameter settings: lines for `postgresql.conf`.
    package init(settings: [String] = PostgreSQLPeer.fast) throws {
        folder = try Subprocess.output(of: "mktemp", ["-d", "/tmp/pulih-postgresql-XXXXXX"]).trimmingCharacters(
            in: .newlines)
        reservation = try FreePort()
        port = reservation.number
        let data = "\(folder)/data"
        try Self.handOver(folder)
        try Self.initialize(data)
        let lines = [
            "port = \(port)", "listen_addresses = '127.0.0.1'", "unix_socket_directories = '\(folder)'",
            "max_connections = 400",
        ]
        let configuration = (lines + settings).joined(separator: "\n") + "\n"
        let file = FileHandle(forWritingAtPath: "\(data)/postgresql.conf")
        try file?.seekToEnd()
        try file?.write(contentsOf: Data(configuration.utf8))
        // The server ends, and its folder goes, when it is told to or when this process is gone.
        let life = """
            "$@" & server=$!
            trap : TERM
            tail --pid=\(getpid()) -f /dev/null & watch=$!
            wait $watch
            kill $watch; kill -QUIT $server; wait $server; rm -rf \(folder)
            """
        server = try Subprocess(
            "setpriv",
            ["--pdeathsig", "clear", "sh", "-c", life, "sh"] + (try Self.command("postgres", ["-D", data])))
        try server.waitForLine(timeout: .seconds(30)) { $0.contains("ready to accept connections") }
    }

    deinit { _ = try? server.stop() }

    /// For tests that ask what is stored and not whether it outlives a loss of power.
    package static let fast = ["fsync = off", "full_page_writes = off"]

    package func url(_ database: String) -> String { "postgresql://pulih@127.0.0.1:\(port)/\(database)" }

    /// Runs SQL in PostgreSQL's own client; stops at the first statement that fails.
    /// - Returns: the rows, one a line, with a bar between columns.
    @discardableResult
    package func psql(_ database: String, _ sql: String) throws -> String {
        try Subprocess.output(
            of: "psql", ["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-d", url(database), "-f", "-"],
            input: sql + "\n")
    }

    /// How one of the server's programs is run. PostgreSQL does not run as root; the packages bring an account for it.
    /// - Parameter endsWithTests: whether the kernel ends it when the tests are gone. The change of the account takes back
    ///   what `Subprocess` has said about that.
    static func command(_ program: String, _ arguments: [String], endsWithTests: Bool = false) throws -> [String] {
        let user = geteuid() == 0 ? ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"] : []
        let end = endsWithTests ? ["setpriv", "--pdeathsig", "KILL"] : []
        return ["env"] + user + end + ["\(try programs())/\(program)"] + arguments
    }

    /// Gives a folder to the account that the server runs as.
    static func handOver(_ folder: String) throws {
        if geteuid() == 0 { try Subprocess.output(of: "chown", ["postgres:postgres", folder]) }
    }

    /// Makes the folder of an empty server, to which everybody on this machine is `pulih`.
    static func initialize(_ data: String) throws {
        let arguments = [
            "-D", data, "-U", "pulih", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync",
        ]
        try Subprocess.output(of: "env", try command("initdb", arguments))
    }

    /// Where Debian keeps the server's programs, of the newest version there is.
    package static func programs() throws -> String {
        let root = "/usr/lib/postgresql"
        let versions = (try? FileManager.default.contentsOfDirectory(atPath: root)) ?? []
        guard let newest = versions.compactMap(Int.init).filter({ $0 >= 15 }).max() else {
            throw SupportFailure("PostgreSQL is missing; it comes with: apt-get install -y postgresql-15")
        }
        return "\(root)/\(newest)/bin"
    }
}
