import Foundation

/// A folder of its own for one test (mode 0700), removed with everything in it when the last reference goes.
///
/// So keep it in a variable as long as a path into it is used: `try TemporaryFolder().file("a")` names nothing.
package final class TemporaryFolder: Sendable {
    package let path: String

    package init() throws {
        let parent = FileManager.default.temporaryDirectory.path
        var template = Array("\(parent)/pulih-test-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw SupportFailure.system("cannot make a temporary folder") }
        path = template.withUnsafeBufferPointer { String(cString: $0.baseAddress!) }
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// The path of `name` in the folder, whether or not anything is there.
    package func file(_ name: String) -> String { "\(path)/\(name)" }

    /// Writes `text` to `name`, in folders that are made as needed, and returns the path.
    ///
    /// The file appears whole (written beside, then renamed), so a program that re-reads it never sees half of it.
    @discardableResult
    package func write(_ text: String, to name: String, mode: UInt32 = 0o600) throws -> String {
        try write(Array(text.utf8), to: name, mode: mode)
    }

    /// Writes `bytes` to `name`, as the form for text does.
    @discardableResult
    package func write(_ bytes: [UInt8], to name: String, mode: UInt32 = 0o600) throws -> String {
        let target = file(name)
        let url = URL(fileURLWithPath: target)
        try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        let draft = "\(target).\(UUID().uuidString)"
        try Data(bytes).write(to: URL(fileURLWithPath: draft))
        // The umask must not decide what a test asked for, so the mode is set and not merely requested.
        guard chmod(draft, mode) == 0, rename(draft, target) == 0 else {
            throw SupportFailure.system("cannot write \(target)")
        }
        return target
    }

    /// The content of `name` as text.
    package func read(_ name: String) throws -> String {
        try String(contentsOfFile: file(name), encoding: .utf8)
    }
}
