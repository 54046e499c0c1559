import Foundation

/// The files of the project itself, such as those in `config`.
package enum ProjectFile {
    /// The path of a file that is named from the project's top level.
    package static func path(_ name: String) -> String {
        URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../\(name)").standardized.path
    }

    /// A file below `templates`, as the program reads it; nil when there is none.
    @Sendable
    package static func template(_ name: String) -> String? { try? text("templates/\(name)") }

    package static func text(_ name: String) throws -> String {
        try String(contentsOfFile: path(name), encoding: .utf8)
    }
}
