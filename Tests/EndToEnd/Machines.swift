import Foundation
import Glibc
import Support
import Testing
import Threading

/// Portals and workers on machines of their own, each with its configuration and its ports, over one replicated database.
final class Machines: Sendable {
    /// A process that is started again whenever it has been killed, as a service manager does.
    final class Machine: Sendable {
        let role: String
        let port: FreePort
        /// Where applications ask a portal.
        let apiPort: FreePort
        private let configuration: String
        private let process: Monitor<Subprocess?> = Monitor(nil)

        init(_ role: String, _ port: FreePort, _ apiPort: FreePort, _ configuration: String) {
            (self.role, self.port, self.apiPort, self.configuration) = (role, port, apiPort, configuration)
        }

        /// Starts it; false when it could not, since there is no database to open.
        @discardableResult
        func start() throws -> Bool {
            let started = try Subprocess(try Binary.path(named: "pulih"), [role, "--config", configuration])
            do {
                try started.waitForLine(timeout: .seconds(30)) { $0.contains("event=service.started") }
            } catch {
                guard started.exit == nil else { return false }
                throw error
            }
            process.withLock { $0 = started }
            return true
        }

        func kill() throws {
            guard let process = process.withLock({ $0.take() }) else { return }
            process.signal(SIGKILL)
            try process.waitForExit()
        }

        /// Ends it in order. - Returns: whether it had lived until then, and how it ended.
        func stop() throws -> Subprocess.Exit? {
            try process.withLock { $0.take() }?.stop(timeout: .seconds(20))
        }

        var isRunning: Bool { process.withLock { $0?.exit == nil && $0 != nil } }
        var transcript: String { process.withLock { $0?.transcript ?? "\(role) does not run" } }
    }

    let database: PostgreSQLPair
    let mail: MailServer
    let portals: [Machine]
    let workers: [Machine]
    private let folder: TemporaryFolder

    var configuration: String { folder.file("portal0.json5") }
    let publicURL: String

    /// Three of each, which run, and so many people with TOTP on, named `user1` and so on.
    init(people: Int) throws {
        database = try PostgreSQLPair()
        mail = try MailServer()
        folder = try TemporaryFolder()
        try Subprocess.output(of: try Binary.path(named: "pulih"), ["init", folder.path])
        let ports = try (0..<6).map { _ in try FreePort() }
        publicURL = "http://127.0.0.1:\(ports[0].number)"
        var machines: [Machine] = []
        for (number, port) in ports.enumerated() {
            let role = number < 3 ? "portal" : "worker"
            // A portal has no operations pages, and a worker none for people.
            let apiPort = try FreePort()
            let listen =
                role == "portal"
                ? "api: { listen: \"127.0.0.1:\(apiPort.number)\" }, http" : "operations"
            let file = try folder.write(
                """
                {
                    publicURL: "\(publicURL)", database: { url: "\(database.url)" }, keys: { directory: "keys" },
                    \(listen): { listen: "127.0.0.1:\(port.number)" },
                    smtp: { host: "127.0.0.1", port: \(mail.port), tls: "none" },
                    mail: { from: "pulih@example.org" }, worker: { lanes: 2, lease: "5 s" },
                    reset: { perAddressPerHour: 100000, perAccountPerHour: 1000 },
                    applications: [{ id: "e-katalog" }],
                }
                """, to: "\(role)\(number % 3).json5")
            machines.append(Machine(role, port, apiPort, file))
        }
        (portals, workers) = (Array(machines.prefix(3)), Array(machines.suffix(3)))
        let rows = (1...people).map {
            "user\($0),user\($0)@example.org,penyedia,otpauth://totp/Pulih:user\($0)?secret=\(Installation.secret)"
        }
        let list = try folder.write(
            (["user_id,email,user_type,otpauth"] + rows).joined(separator: "\n"), to: "people.csv")
        try run("user", "import", list)
        for machine in machines { #expect(try machine.start()) }
    }

    /// Runs a command that must succeed.
    @discardableResult
    func run(_ arguments: String...) throws -> String {
        try Subprocess.output(
            of: try Binary.path(named: "pulih"), arguments + ["--config", configuration], timeout: .seconds(60))
    }

    /// A key as its file's last line ends with it.
    func key(_ name: String) throws -> String {
        String(try #require(try folder.read("keys/\(name).key").trimmed.split(separator: " ").last))
    }
}
