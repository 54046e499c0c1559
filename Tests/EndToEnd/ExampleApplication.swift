import Foundation
import Support
import Testing

/// The example application beside an installation of Pulih, as a developer runs it: its own process, database and port.
final class ExampleApplication: Sendable {
    static let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    static let id = "e-katalog"

    let installation: Installation
    let port: FreePort
    let api: FreePort

    var url: String { "http://127.0.0.1:\(port.number)" }
    private var database: String { installation.folder.file("application.db") }

    /// - Parameter settings: more keys of Pulih's configuration.
    init(settings: String = "") throws {
        (port, api) = (try FreePort(), try FreePort())
        installation = try Installation(
            settings: """
                api: { listen: "127.0.0.1:\(api.number)" },
                applications: [{
                    id: "\(Self.id)", name: "e-Katalog",
                    webhook: { url: "http://127.0.0.1:\(port.number)/webhooks/pulih", secretFile: "application.secret" },
                }],
                \(settings)
                """)
        try setSecrets(Self.secret)
        let key = try installation.run("application", "add-key", Self.id)
        try #require(key.exit == .code(0), "\(key.error)")
        try installation.folder.write(key.output, to: "application.key")
    }

    func setSecrets(_ secrets: String...) throws {
        try installation.folder.write(secrets.map { $0 + "\n" }.joined(), to: "application.secret")
    }

    private func arguments(_ command: String) -> [String] {
        [
            "-B", ProjectFile.path("config/examples/application.py"), command, "--database", database,
            "--api", "http://127.0.0.1:\(api.number)", "--key-file", installation.folder.file("application.key"),
            "--webhook-secret-file", installation.folder.file("application.secret"),
            "--listen", "127.0.0.1:\(port.number)",
        ]
    }

    /// Lets it take accounts over, while Pulih runs.
    func take(over accounts: [(userID: String, email: String, userType: String)]) throws {
        let lines = accounts.map { "\($0.userID),\($0.email),\($0.userType),\(Installation.password)\n" }
        try Subprocess.output(of: "python3", arguments("import"), input: lines.joined(), timeout: .seconds(60))
    }

    func take(over people: Installation.Person...) throws {
        try take(over: people.map { ($0.userID, $0.email, $0.userType) })
    }

    /// Starts it and returns when it serves.
    func start() throws -> Subprocess {
        let process = try Subprocess("python3", arguments("serve"))
        try process.waitForLine(timeout: .seconds(30)) { $0.contains("e-Katalog listens on") }
        return process
    }

    /// Asks its database: one line a row, columns divided by bars.
    func rows(_ query: String) throws -> [String] {
        try Subprocess.output(of: "sqlite3", ["-cmd", ".timeout 10000", database, query]).split(separator: "\n")
            .map(String.init)
    }

    /// The same of Pulih's own database.
    func pulihRows(_ query: String) throws -> [String] {
        try installation.execute(query).split(separator: "\n").map(String.init)
    }

    /// All that it keeps.
    func dump() throws -> [String] { try rows(".dump") }
}
