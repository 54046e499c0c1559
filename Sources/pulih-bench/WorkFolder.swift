import FoundationEssentials
import Glibc

/// A folder for one run, below $TMPDIR or /var/tmp: that one lies on a disk, which /tmp often does not, and there is
/// nothing durable in memory.
final class WorkFolder: Sendable {
    let path: String

    convenience init() throws {
        try self.init(template: "\(getenv("TMPDIR").map { String(cString: $0) } ?? "/var/tmp")/pulih-bench-XXXXXX")
    }

    /// Within another.
    convenience init(in parent: WorkFolder) throws { try self.init(template: "\(parent.path)/line-XXXXXX") }

    private init(template: String) throws {
        var name = Array(template.utf8CString)
        guard mkdtemp(&name) != nil else {
            throw BenchFailure("no folder \(template) can be made: \(String(cString: strerror(errno)))")
        }
        path = String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// A path that nothing has been written to yet.
    func fresh(_ name: String) -> String {
        let number = (0...).first { access("\(path)/\(name)-\($0)", F_OK) != 0 } ?? 0
        return "\(path)/\(name)-\(number)"
    }

    func write(_ text: String, to path: String) throws { try write(Array(text.utf8), to: path) }

    func write(_ bytes: [UInt8], to path: String) throws {
        try Data(bytes).write(to: URL(filePath: path))
        chmod(path, 0o600)
    }

    func remove() { try? FileManager.default.removeItem(atPath: path) }
}
