import Foundation
package import Store
package import Testing

/// The engines that the store's tests run on. A new engine is a case here and an `EngineFixture` of its own; every suite
/// in the Conformance folder of the store's tests then runs on it unchanged.
package enum TestEngine: CaseIterable, Sendable, CustomTestStringConvertible {
    case sqlite
    case postgreSQL

    package var testDescription: String {
        switch self {
        case .sqlite: "SQLite"
        case .postgreSQL: "PostgreSQL"
        }
    }

    /// What whole installations are tested on: SQLite, unless `PULIH_TEST_ENGINE=postgresql` says otherwise.
    package static var ofInstallations: TestEngine {
        ProcessInfo.processInfo.environment["PULIH_TEST_ENGINE"] == "postgresql" ? .postgreSQL : .sqlite
    }

    /// A place of its own for one database, where none is yet.
    /// - Parameter folder: where an engine puts its files that has files.
    package func makeFixture(in folder: TemporaryFolder? = nil) throws -> any EngineFixture {
        switch self {
        case .sqlite: try SQLiteFixture(in: folder)
        case .postgreSQL: try PostgreSQLFixture()
        }
    }
}

extension Trait where Self == ConditionTrait {
    /// For tests of what only SQLite has: files of its own.
    package static var onSQLite: Self {
        .enabled(if: TestEngine.ofInstallations == .sqlite, "it is about SQLite's files")
    }
}

/// A place for one database on one engine, and the way to it that outside programs have. What is there is removed when
/// the last reference goes.
package protocol EngineFixture: Sendable {
    var engine: any StoreEngine { get }

    /// What a configuration says of it.
    var setting: String { get }

    /// Runs SQL in the engine's own client: a real other process, and no program of ours. It waits for locks as a polite
    /// program does, stops at the first statement that fails, and takes no dialect: tests on every engine share the SQL.
    /// - Returns: the rows, one a line, with a bar between columns.
    /// - Throws: `SupportFailure`, which holds what the engine complained of.
    @discardableResult
    func execute(_ sql: String) throws -> String

    /// A column of bytes as hexadecimal digits.
    func hex(_ column: String) -> String

    /// Does the same as somebody would who has the database in their hands: nothing guards the audit log.
    func tamper(_ sql: String) throws

    /// The whole content as text, but for the rows of tables whose names begin so: two equal dumps are two equal
    /// databases.
    func dump(without table: String?) throws -> String
}

extension EngineFixture {
    /// What each process of ours has. The caller closes it.
    package func open(clock: FixedClock) throws -> Database { try Database(engine, clock: clock) }
}
