package import Domain
package import Store

/// A database of its own for one test, in a folder of its own, on a clock that the test moves. Closed and removed when
/// the last reference goes.
package final class TemporaryDatabase: Sendable {
    package let folder: TemporaryFolder
    package let clock: FixedClock
    package let database: Database

    package var path: String { folder.file("pulih.db") }

    package init(clock: FixedClock = FixedClock()) throws {
        folder = try TemporaryFolder()
        self.clock = clock
        database = try Database(path: folder.file("pulih.db"), clock: clock)
    }

    deinit { database.close() }

    /// What another process of ours would have: another `Database` on the same file. The caller closes it.
    package func another() throws -> Database { try Database(path: path, clock: clock) }

    package func account(_ id: Int64) throws -> Account {
        guard let account = try database.read({ try $0.account(id: id) }) else {
            throw SupportFailure("there is no account \(id)")
        }
        return account
    }

    /// Runs SQL in the `sqlite3` shell: a real other process, and no program of ours. It waits for locks as a polite
    /// program does and leaves checkpoints to us.
    package func shell(_ sql: String) throws -> String {
        let manners = ".timeout 10000\n.output /dev/null\nPRAGMA wal_autocheckpoint = 0;\n.output\n"
        return try Subprocess.output(of: "sqlite3", ["-batch", path], input: manners + sql + "\n")
    }

    /// The whole content as SQL text: two equal dumps are two equal databases.
    package func dump() throws -> String { try shell(".dump") }

    /// The same but for the rows of one table.
    package func dump(without table: String) throws -> String {
        try dump().split(separator: "\n").filter { !$0.hasPrefix("INSERT INTO \(table) ") }.joined(separator: "\n")
    }
}
