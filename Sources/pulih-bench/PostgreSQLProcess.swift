import FoundationEssentials
import Glibc
import Store

/// A PostgreSQL server of the benchmark's own, with its usual durability, on the disk that SQLite's databases lie on.
final class PostgreSQLProcess {
    private let server: Child
    private let port: Int
    private let folder: WorkFolder
    private var databases = 0

    init(_ folder: WorkFolder) throws {
        guard let programs = Self.programs else { throw BenchFailure("PostgreSQL is missing") }
        self.folder = folder
        port = try Ports.free()
        let place = folder.fresh("postgresql")
        try FileManager.default.createDirectory(atPath: place, withIntermediateDirectories: true)
        // It does not run as root; its package brings an account for it, which has to reach the folder.
        var user: [String] = []
        if geteuid() == 0 {
            let path = { Tools.path($0) ?? $0 }
            user = [path("setpriv"), "--reuid=postgres", "--regid=postgres", "--clear-groups"]
            try Child([path("chown"), "postgres", place], output: folder.fresh("chown")).finish()
            var parent = place[...]
            while let slash = parent.lastIndex(of: "/"), parent.contains("pulih-bench-") {
                parent = parent[..<slash]
                if parent.contains("pulih-bench-") { chmod(String(parent), 0o711) }
            }
        }
        let data = "\(place)/data"
        try Child(
            user + [
                "\(programs)/initdb", "-D", data, "-U", "pulih", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8",
            ], output: folder.fresh("initdb")
        ).finish()
        server = try Child(
            user + [
                "\(programs)/postgres", "-D", data, "-p", "\(port)", "-k", place, "-c", "listen_addresses=127.0.0.1",
            ], output: folder.fresh("postgres"),
            // Told by SIGTERM it would wait for its clients to go.
            endedBy: SIGINT)
        try server.answers(on: port)
    }

    func stop() { server.stop() }

    /// Seconds of a CPU that the server and all of its processes have used so far.
    var processorTime: Double { server.familyProcessorTime }

    /// The address of a new database.
    func database() throws -> String {
        databases += 1
        let name = "bench\(databases)"
        // The server takes connections before it takes statements.
        for attempt in 0... {
            do {
                let arguments = ["-X", "-q", "-d", address("postgres"), "-c", "CREATE DATABASE \(name)"]
                try Child([Tools.path("psql") ?? "psql"] + arguments, output: folder.fresh("psql")).finish()
                break
            } catch {
                guard attempt < 100 else { throw error }
                usleep(50_000)
            }
        }
        return address(name)
    }

    func engine(_ address: String) -> PostgreSQLEngine {
        PostgreSQLEngine(PostgreSQLServer(name: address, parameters: [("dbname", address)]))
    }

    private func address(_ database: String) -> String { "postgresql://pulih@127.0.0.1:\(port)/\(database)" }

    /// Where Debian keeps the programs of the newest version; nil where there is none.
    static var programs: String? {
        let root = "/usr/lib/postgresql"
        let versions = (try? FileManager.default.contentsOfDirectory(atPath: root)) ?? []
        return versions.compactMap(Int.init).filter { $0 >= 15 }.max().map { "\(root)/\($0)/bin" }
    }
}
