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

    /// What stands in the README between fences, for a test to do exactly as it says.
    /// - Parameters:
    ///   - language: as the fence has it.
    ///   - words: what only this block has in it.
    package static func readmeBlock(_ language: String, with words: String) throws -> String {
        let blocks = try text("README.md").matches(of: /(?ms)^```(\w+)\n(.*?)^```$/).filter { block in
            block.output.1 == language && block.output.2.contains(words)
        }
        guard blocks.count == 1, let block = blocks.first else {
            throw SupportFailure("the README has \(blocks.count) blocks of \(language) with \(words)")
        }
        return String(block.output.2)
    }

    package static func text(_ name: String) throws -> String {
        try String(contentsOfFile: path(name), encoding: .utf8)
    }
}
