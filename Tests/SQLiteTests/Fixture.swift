import SQL
import SQLite
import Support

/// A connection to a new database in a folder of its own.
struct Fixture {
    let folder: TemporaryFolder
    let connection: SQLiteConnection

    var path: String { folder.file("test.db") }

    init() throws {
        folder = try TemporaryFolder()
        connection = try SQLiteConnection(path: folder.file("test.db"), role: .writer)
    }

    func another(_ role: SQLiteConnection.Role, busyTimeout: Int32 = 10_000) throws -> SQLiteConnection {
        try SQLiteConnection(path: path, role: role, busyTimeout: busyTimeout)
    }
}
