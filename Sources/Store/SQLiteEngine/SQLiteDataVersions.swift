import Domain
import SQLite

/// The state of a database on SQLite, as the header of its log's index in shared memory tells it.
final class SQLiteDataVersions: DataVersions {
    private let header: LogHeader

    /// - Parameter path: of a database that is there.
    init(path: String) throws { header = try LogHeader(path: path) }

    var current: DataVersion? { header.words.map(DataVersion.init) }
}
