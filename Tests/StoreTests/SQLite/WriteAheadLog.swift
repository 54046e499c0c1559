import Foundation

/// The write-ahead log of a database, read from its file (https://sqlite.org/fileformat2.html#walformat).
///
/// Only the log may be opened like this: closing a descriptor of the database itself would drop SQLite's locks.
struct WriteAheadLog {
    private static let header = 32
    private static let frameHeader = 24

    private let bytes: [UInt8]

    init(database: String) throws { bytes = Array(try Data(contentsOf: URL(fileURLWithPath: database + "-wal"))) }

    var byteCount: Int { bytes.count }

    /// Transactions in the log: a frame that ends one holds the size of the database after it.
    var commits: Int {
        guard bytes.count > Self.header else { return 0 }
        let page = integer(at: 8)
        let frames = stride(from: Self.header, to: bytes.count, by: Self.frameHeader + page)
        return frames.count { start in start + 8 <= bytes.count && integer(at: start + 4) > 0 }
    }

    private func integer(at offset: Int) -> Int { bytes[offset..<offset + 4].reduce(0) { $0 << 8 | Int($1) } }
}
