import CommandLine
import Domain
import Foundation
import Support
import Testing

@testable import Program

@Suite("What is written about the program")
struct DocumentationTests {
    @Test(
        "Names no command that there is not",
        arguments: [
            "README.md", "config/pulih.json5", "config/prometheus/pulih.rules.yml", "config/debian/postinst",
        ] + ManualPages.files)
    func commands(file: String) throws {
        let named = try ProjectFile.text(file).matches(of: /[`"( ]pulih ([a-z-]+)(?: ([a-z-]+))?(?: (--[a-z-]+))?/)
        let known = named.filter { match in Commands.all.contains { $0.words.first == String(match.output.1) } }
        #expect(!known.isEmpty)
        for match in known {
            let (first, second) = (String(match.output.1), match.output.2.map(String.init))
            let command = Commands.all.first { $0.words == [first] || $0.words == [first, second ?? ""] }
            guard let command else {
                Issue.record("\(match.output.0) in \(file)")
                continue
            }
            if let option = match.output.3 {
                #expect(command.options.contains { "--\($0.name)" == option }, "\(match.output.0) in \(file)")
            }
        }
    }

    @Test("Each file in Pages is a page that is listed")
    func pages() {
        let listed = Manuals.all.map { "\(ManualPages.folder)/\($0.name).\($0.section).md" }
        #expect(Set(listed).isSuperset(of: ManualPages.files) && ManualPages.files.count >= 6)
        #expect(listed.count == ManualPages.files.count + 2)
    }

    @Test("The README lists every page, and names no page that there is not")
    func readme() throws {
        let readme = try ProjectFile.text("README.md")
        for manual in Manuals.all { #expect(readme.contains("\n| `\(manual.name)` | "), "\(manual.name)") }
        let named = try ["README.md", "config/prometheus/pulih.rules.yml"].flatMap { file in
            try ProjectFile.text(file).matches(of: /\bman (pulih[a-z0-9.-]*[a-z0-9])/).map { String($0.output.1) }
        }
        #expect(named.count > 10)
        for name in named { #expect(Manuals.all.contains { $0.name == name }, "\(name)") }
    }

    @Test("A page names no page that there is not", arguments: ManualPages.files)
    func references(file: String) throws {
        let named = try ProjectFile.text(file).matches(of: /pulih[a-z0-9.-]*\([1-8]\)/).map { String($0.output) }
        #expect(named.count > 2)
        for name in named { #expect(Manuals.all.contains { $0.reference == name }, "\(name)") }
    }

    @Test("pulih-queue(7) explains every state, outcome and reason of a refusal")
    func queue() throws {
        let page = try ProjectFile.text("\(ManualPages.folder)/pulih-queue.7.md")
        let words =
            JobState.allCases.map(\.rawValue) + Job.outcomes
            + ResetRequestValidation.ResetRefusal.allCases.map(\.rawValue)
        #expect(words.count > 20)
        for word in words { #expect(page.contains("\n| `\(word)` | "), "\(word)") }
    }
}

/// The sources of the man pages that are written and not made.
enum ManualPages {
    static let folder = "Sources/Program/Manuals/Pages"

    /// As paths from the project's top level.
    static var files: [String] {
        let names = try? FileManager.default.contentsOfDirectory(atPath: ProjectFile.path(folder))
        return (names ?? []).sorted().map { "\(folder)/\($0)" }
    }
}
