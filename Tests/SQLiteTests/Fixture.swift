import SQLite
import Support

/// A connection to a new database in a folder of its own.
struct Fixture {
    let folder: TemporaryFolder
    let connection: Connection

    var path: String { folder.file("test.db") }

    init() throws {
        folder = try TemporaryFolder()
        connection = try Connection(path: folder.file("test.db"), role: .writer)
    }

    func another(_ role: Connection.Role, busyTimeout: Int32 = 10_000) throws -> Connection {
        try Connection(path: path, role: role, busyTimeout: busyTimeout)
    }
}
