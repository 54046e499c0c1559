import FoundationEssentials
import Glibc

/// Programs that the benchmark starts.
enum Tools {
    /// Where a program lies; administrators' folders are looked into too, which are not in everybody's PATH.
    static func path(_ name: String) -> String? {
        let folders = (getenv("PATH").map { String(cString: $0) } ?? "").split(separator: ":").map(String.init)
        return (folders + ["/usr/sbin", "/sbin", "/usr/bin"]).map { "\($0)/\(name)" }
            .first { FileManager.default.isExecutableFile(atPath: $0) }
    }

    /// The program that stands beside this one.
    static func sibling(_ name: String) throws -> String {
        let own = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        let path = own.split(separator: "/").dropLast().reduce("") { "\($0)/\($1)" } + "/\(name)"
        guard FileManager.default.isExecutableFile(atPath: path) else { throw BenchFailure("\(path) is missing") }
        return path
    }

    /// The first line that a program prints; nil when it fails.
    static func output(_ arguments: [String], _ folder: WorkFolder) -> String? {
        let text = try? Child(arguments, output: folder.fresh("output")).finish()
        return text?.split(separator: "\n").first.map(String.init)
    }
}
