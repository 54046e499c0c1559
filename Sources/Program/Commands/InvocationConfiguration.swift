import Configuration
import CommandLine
import Domain
import Store

extension Invocation {
    var configurationFile: String { self["config"] ?? Defaults.configuration }

    func configuration() throws -> Configuration { try ConfigurationFile.read(configurationFile) }

    /// Opens the configured database, runs `body` and closes it.
    func withDatabase<Result>(_ body: (Database, Configuration) throws -> Result) throws -> Result {
        let configuration = try configuration()
        let database = try Database(configuration.database, clock: SystemClock())
        defer { database.close() }
        return try body(database, configuration)
    }
}
