import Foundation

/// The files of the project itself, such as those in `config`.
package enum ProjectFile {
    /// The path of a file that is named from the project's top level.
    package static func path(_ name: String) -> String {
        URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../\(name)").standardized.path
    }

    package static func text(_ name: String) throws -> String {
        try String(contentsOfFile: path(name), encoding: .utf8)
    }
}
