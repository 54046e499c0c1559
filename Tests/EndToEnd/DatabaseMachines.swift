import Foundation
import Support
import Testing

/// Two machines for PostgreSQL, as Debian's package leaves them: a cluster of its own on the first, none yet on the second. They
/// share a port and differ in their address, as real ones do.
final class DatabaseMachines: Sendable {
    struct Machine: Sendable {
        let address: String
        let folder: String
        var data: String { "\(folder)/data" }
    }

    /// Of both.
    let port: UInt16
    let first: Machine
    let second: Machine
    private let reservation: FreePort
    private let folder: TemporaryFolder

    init() throws {
        reservation = try FreePort()
        port = reservation.number
        folder = try TemporaryFolder()
        first = Machine(address: "127.0.0.1", folder: folder.file("db1"))
        second = Machine(address: "127.0.0.2", folder: folder.file("db2"))
        try PostgreSQLPeer.handOver(folder.path)
        for machine in [first, second] {
            try FileManager.default.createDirectory(atPath: machine.folder, withIntermediateDirectories: true)
            try PostgreSQLPeer.handOver(machine.folder)
        }
        try run("initdb --username=postgres --auth=trust --encoding=UTF8 --locale=C.UTF-8 --no-sync", on: first)
        try configure(first)
        try run("pg_ctl --pgdata=\"$PGDATA\" --wait start", on: first)
    }

    deinit {
        for machine in [second, first] {
            _ = try? run("pg_ctl --pgdata=\"$PGDATA\" --mode=immediate stop", on: machine)
        }
    }

    /// Where a server listens; a copy would listen where the original does.
    func configure(_ machine: Machine) throws {
        try PostgreSQLPeer.configure(
            machine.data,
            [
                "listen_addresses = '\(machine.address)'", "port = \(port)",
                "unix_socket_directories = '\(machine.folder)'", "fsync = off",
            ])
    }

    /// Runs a line of the README as `postgres` on a machine.
    @discardableResult
    func run(_ line: String, on machine: Machine, typing input: String = "") throws -> String {
        let programs = try PostgreSQLPeer.programs()
        let path = "\(programs):\(ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin")"
        // What pg_ctl starts keeps the output open: it goes to a file.
        let placed = line.replacingOccurrences(of: "db1.example.org", with: first.address)
            .replacingOccurrences(of: "db2.example.org", with: second.address)
        let script =
            "(\(placed)\n) > \"$PGDATA.output\" 2>&1; "
            + "code=$?; cat \"$PGDATA.output\"; exit $code"
        return try Subprocess.output(
            of: "env",
            ["PATH=\(path)", "PGDATA=\(machine.data)", "PGHOST=\(machine.folder)", "PGPORT=\(port)", "PGUSER=postgres"]
                + PostgreSQLPeer.account + ["setsid", "--wait", "bash", "-c", script], folder: machine.folder,
            input: input)
    }

    /// Runs a block of the README, line by line.
    @discardableResult
    func run(_ block: [Substring], on machine: Machine, typing input: String = "") throws -> [String] {
        try block.map { try run(String($0), on: machine, typing: input) }
    }

    /// The lines of the README's block that has these words.
    static func lines(with words: String) throws -> [Substring] {
        try ProjectFile.readmeBlock("sh", with: words).split(separator: "\n")
    }
}
