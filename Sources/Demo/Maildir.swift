package import Domain
import FoundationEssentials

/// A folder of mails, one file each (maildir(5)), as aiosmtpd's Mailbox handler writes it.
package struct Maildir: Sendable {
    package struct Entry: Sendable, Equatable {
        /// The unique part of the file's name.
        package let id: String
        package let receivedAt: Instant
        package let path: String
        /// Where it stands among others: seconds, microseconds, count within the process that wrote it.
        package let order: [Int64]
    }

    private let folder: String

    package init(folder: String) { self.folder = folder }

    /// Newest first.
    package var entries: [Entry] {
        ["new", "cur"].flatMap { part in
            let names = (try? FileManager.default.contentsOfDirectory(atPath: "\(folder)/\(part)")) ?? []
            return names.compactMap { Self.entry($0, in: "\(folder)/\(part)") }
        }
        .sorted { $1.order.lexicographicallyPrecedes($0.order) }
    }

    /// The mail with this id. It is looked for among those that are there, so that no id leads anywhere else.
    package func entry(_ id: String) -> Entry? { entries.first { $0.id.utf8.elementsEqual(id.utf8) } }

    /// The mail as it was received, as far as the limit; nil when it is gone.
    package func bytes(of entry: Entry, atMost limit: Int) -> [UInt8]? {
        (try? Data(contentsOf: URL(filePath: entry.path), options: .mappedIfSafe)).map { Array($0.prefix(limit)) }
    }

    /// Reads a name like `1763912345.M12345P678Q9.host:2,S`: seconds, microseconds, process, count.
    private static func entry(_ name: String, in folder: String) -> Entry? {
        let id = name.prefix { $0 != ":" }
        let fields = id.split(separator: ".", maxSplits: 2, omittingEmptySubsequences: false)
        guard id.utf8.allSatisfy(isPlain), fields.count == 3, let seconds = Int64(fields[0]),
            // Further seconds could not be told in milliseconds.
            (0..<100_000_000_000).contains(seconds)
        else { return nil }
        let (microseconds, count) = (number("M", in: fields[1]), number("Q", in: fields[1]))
        return Entry(
            id: String(id), receivedAt: Instant(milliseconds: seconds * 1000 + min(microseconds, 999_999) / 1000),
            path: "\(folder)/\(name)", order: [seconds, microseconds, count])
    }

    /// The number behind a letter; 0 without one.
    private static func number(_ letter: Character, in field: Substring) -> Int64 {
        guard let index = field.firstIndex(of: letter) else { return 0 }
        return Int64(field[field.index(after: index)...].prefix { $0.isASCII && $0.isNumber }) ?? 0
    }

    /// What an address can hold as it is.
    private static func isPlain(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."):
            true
        default: false
        }
    }
}
