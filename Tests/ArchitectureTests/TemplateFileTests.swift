import Foundation
import Testing

/// The files in `templates` that Mustache reads.
@Suite
struct TemplateFileTests {
    private let tree = SourceTree()

    private func files() throws -> [String] {
        let all = try FileManager.default.subpathsOfDirectory(atPath: tree.root.appending(path: "templates").path)
        let endings = [".html", ".txt", ".subject"]
        return all.filter { file in endings.contains { file.hasSuffix($0) } }.map { "templates/\($0)" }.sorted()
    }

    @Test("Each says at its top what it may name")
    func head() throws {
        #expect(try files().count > 50)
        for file in try files() { #expect(try tree.text(file).hasPrefix("{{! "), "\(file)") }
    }

    @Test("What is there to be included is included")
    func included() throws {
        let files = try files()
        let texts = try files.map { try tree.text($0) }
        let parts = files.filter { $0.contains("/parts/") || $0.contains("/styles/") || $0.contains("/notice-") }
        #expect(parts.count > 20)
        for part in parts {
            let name = part.split(separator: "/").dropFirst(2).joined(separator: "/").split(separator: ".")[0]
            #expect(texts.contains { $0.contains("{{> \(name)}}") }, "\(part)")
        }
    }
}
