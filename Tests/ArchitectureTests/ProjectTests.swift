import Foundation
import Testing

/// What the project promises of itself.
@Suite
struct ProjectTests {
    private let tree = SourceTree()

    @Test("CI runs the very test command of the README")
    func sameCommand() throws {
        let readme = try tree.text("README.md")
        let command = try #require(
            readme.split(separator: "\n").first { $0.contains("apt-get install") && $0.contains("swift test") })
        #expect(try tree.text(".ci/run").split(separator: "\n").contains(command))
    }

    @Test("The configuration that comes with Pulih explains every key that is read")
    func everyKeyIsExplained() throws {
        let sources = try tree.swiftFiles(in: "Sources/Configuration").map { try tree.text($0) }.joined()
        let example = try tree.text("config/pulih.json5")
        let pattern = try Regex(
            #"(?:text|integer|choice|span|texts|objects|requiredText|readListener)\((?:&reader, )?"([a-zA-Z0-9.]+)""#,
            as: (Substring, Substring).self)
        let keys = Set(sources.matches(of: pattern).map { String($0.output.1) })
        #expect(keys.count > 20)
        for key in keys {
            let name = String(key.split(separator: ".").last ?? "")
            #expect(example.contains("\(name):"), "\(key) is not explained")
        }
    }

    @Test("Every sentence that the code asks for by name is in the catalogues")
    func everyWordExists() throws {
        let keys = try tree.swiftFiles(in: "Sources").reduce(into: Set<String>()) { keys, file in
            let named = try Regex(
                #"(?:words\["|title: "|label: "|fields\.|next: \([^,]*, ")([a-z_]+(?:\.[a-z_]+)+)""#,
                as: (Substring, Substring).self)
            for match in try tree.text(file).matches(of: named) { keys.insert(String(match.output.1)) }
        }
        #expect(keys.count >= 20)
        for language in ["id", "en"] {
            let words = try tree.text("templates/words/\(language).json5")
            for key in keys {
                let name = String(key.split(separator: ".").last ?? "")
                #expect(words.contains("\(name):"), "\(key) is missing in \(language)")
            }
        }
    }

    @Test("The README's map names files and folders that exist")
    func map() throws {
        let readme = try tree.text("README.md")
        let pattern = try Regex("`((?:Sources|Tests)/[A-Za-z0-9/.-]+)`", as: (Substring, Substring).self)
        let places = readme.matches(of: pattern)
        #expect(places.count > 20)
        for place in places {
            let path = tree.root.appendingPathComponent(String(place.output.1)).path
            #expect(FileManager.default.fileExists(atPath: path), "\(place.output.1)")
        }
    }

    @Test("No file is longer than can be read in one go")
    func length() throws {
        for file in try tree.swiftFiles(in: "Sources") + tree.swiftFiles(in: "Tests") {
            let lines = try tree.text(file).split(separator: "\n", omittingEmptySubsequences: false).count
            #expect(lines <= 300, "\(file) has \(lines) lines")
        }
    }
}
