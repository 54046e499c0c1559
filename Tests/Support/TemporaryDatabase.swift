package import Domain
package import Store

/// A database of its own for one test, on a clock that the test moves. Closed and removed when the last reference goes.
package final class TemporaryDatabase: Sendable {
    package let clock: FixedClock
    package let database: Database
    private let fixture: any EngineFixture

    /// - Parameter engine: suites that test no store need not say it.
    package convenience init(on engine: TestEngine = .sqlite, clock: FixedClock = FixedClock()) throws {
        try self.init(in: engine.makeFixture(), clock: clock)
    }

    /// Opens, and makes if need be, the database at a place that the test has a hand on.
    package init(in fixture: any EngineFixture, clock: FixedClock) throws {
        self.fixture = fixture
        self.clock = clock
        database = try fixture.open(clock: clock)
    }

    deinit { database.close() }

    /// How sentences for people name the database.
    package var name: String { fixture.engine.name }

    /// What another process of ours would have: another `Database` on the same content. The caller closes it.
    package func another() throws -> Database { try fixture.open(clock: clock) }

    package func account(_ id: Int64) throws -> Account {
        guard let account = try database.read({ try $0.account(id: id) }) else {
            throw SupportFailure("there is no account \(id)")
        }
        return account
    }

    /// Runs SQL as an outside program, and returns its rows; see `EngineFixture`.
    @discardableResult
    package func execute(_ sql: String) throws -> String { try fixture.execute(sql) }

    /// Runs SQL past what guards the audit log.
    package func tamper(_ sql: String) throws { try fixture.tamper(sql) }

    /// The whole content as text, but for the rows of tables whose names begin so: two equal dumps are two equal
    /// databases.
    package func dump(without table: String? = nil) throws -> String { try fixture.dump(without: table) }
}
