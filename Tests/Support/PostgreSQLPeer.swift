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
    private let place: TemporaryFolder
    package var folder: String { place.path }
    private let server: Subprocess

    /// - Parameters:
    ///   - settings: lines for `postgresql.conf`.
    ///   - environment: added to the runner's own.
    package init(settings: [String] = PostgreSQLPeer.fast, environment: [String: String] = [:]) throws {
        place = try TemporaryFolder()
        let folder = place.path
        reservation = try FreePort()
        port = reservation.number
        let data = "\(folder)/data"
        try Self.handOver(folder)
        try Self.initialize(data)
        let lines = [
            "port = \(port)", "listen_addresses = '127.0.0.1'", "unix_socket_directories = '\(folder)'",
            "max_connections = 400",
        ]
        try Self.configure(data, lines + settings)
        // The server ends, and its folder goes, when it is told to or when this process is gone, with which the pipe that it
        // wrote to breaks.
        let life = """
            "$@" & server=$!
            trap : TERM
            trap '' PIPE
            tail --pid=\(getpid()) -f /dev/null > /dev/null & watch=$!
            wait $watch
            kill $watch 2> /dev/null; kill -QUIT $server; wait $server; rm -rf \(folder)
            """
        server = try Subprocess(
            "setpriv",
            ["--pdeathsig", "clear", "sh", "-c", life, "sh"]
                + (try Self.command("postgres", ["-D", data], environment: environment)))
        try server.waitForLine(timeout: .seconds(30)) { $0.contains("ready to accept connections") }
    }

    deinit { _ = try? server.stop() }

    /// What it has logged so far.
    package var log: String { server.lines.map(\.text).joined(separator: "\n") }

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
    /// - Parameters:
    ///   - endsWithTests: whether the kernel ends it when the tests are gone. The change of the account takes back what
    ///     `Subprocess` has said about that.
    ///   - environment: for the program alone, and not for what changes the account.
    package static func command(
        _ program: String, _ arguments: [String], endsWithTests: Bool = false, environment: [String: String] = [:]
    ) throws -> [String] {
        let end = endsWithTests ? ["setpriv", "--pdeathsig", "KILL"] : []
        let variables = ["env"] + environment.map { "\($0)=\($1)" }
        return ["env"] + account + end + variables + ["\(try programs())/\(program)"] + arguments
    }

    /// What comes before a command that is to run as the server's account.
    package static let account =
        geteuid() == 0 ? ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"] : []

    /// Adds lines to a server's configuration.
    package static func configure(_ data: String, _ lines: [String]) throws {
        guard let file = FileHandle(forWritingAtPath: "\(data)/postgresql.conf") else {
            throw SupportFailure("\(data) holds no server")
        }
        try file.seekToEnd()
        try file.write(contentsOf: Data((lines.joined(separator: "\n") + "\n").utf8))
    }

    /// Gives a folder to the account that the server runs as.
    package static func handOver(_ folder: String) throws {
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
