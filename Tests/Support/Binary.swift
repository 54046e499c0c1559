import Foundation

/// The programs that were built together with the running tests.
package enum Binary {
    /// The path of the built product `name`, beside the running test program (in `.build/debug` or `.build/release`).
    package static func path(named name: String) throws -> String {
        let program = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        let candidate = URL(fileURLWithPath: program).deletingLastPathComponent().appendingPathComponent(name).path
        if isProgram(candidate) { return candidate }
        throw SupportFailure("no built program \(name) beside \(program): make it a dependency of the test target")
    }

    private static func isProgram(_ path: String) -> Bool {
        var isFolder: ObjCBool = false
        return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) && !isFolder.boolValue
            && FileManager.default.isExecutableFile(atPath: path)
    }
}
