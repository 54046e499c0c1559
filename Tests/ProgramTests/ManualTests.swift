@testable import CommandLine
import Foundation
import Support
import Testing

@testable import Program

/// The man pages, read by the programs that people read them with.
@Suite("Manual")
struct ManualTests {
    private static func example() throws -> ExplainedConfiguration {
        ExplainedConfiguration(try #require(ResourceDirectory.configuration()))
    }

    /// A page as a person reads it.
    private func read(_ roff: String) throws -> String {
        let folder = try TemporaryFolder()
        let file = try folder.write(roff, to: "page")
        let finished = try Subprocess.run(
            "man", ["--warnings", "-l", file],
            environment: ["LC_ALL": "C.UTF-8", "MANWIDTH": "10000", "MAN_KEEP_FORMATTING": "", "MANPAGER": "cat"])
        #expect(finished.exit == .code(0))
        #expect(finished.error.isEmpty, "\(finished.error)")
        return finished.output
    }

    @Test("man and mandoc find nothing to complain of", arguments: Manuals.all.map(\.name))
    func clean(name: String) throws {
        let roff = try #require(Manuals.all.first { $0.name == name }).roff()
        #expect(try read(roff).contains("NAME"))
        let folder = try TemporaryFolder()
        let lint = try Subprocess.run("mandoc", ["-Tlint", "-W", "warning", try folder.write(roff, to: name)])
        #expect(lint.output.isEmpty && lint.exit == .code(0), "\(lint.output)")
    }

    @Test("pulih(1) names every command, its operands, its options and what they are for")
    func commands() throws {
        let page = try read(ProgramManual.page(Commands.all))
        for command in Commands.all {
            let usage = [command.name, command.operands].filter { !$0.isEmpty }.joined(separator: " ")
            #expect(page.contains(usage) && page.contains(command.summary), "\(usage)")
            for option in command.options {
                #expect(page.contains("--\(option.name)") && page.contains(option.help), "\(usage) \(option.name)")
            }
        }
    }

    @Test("pulih.json5(5) has every key of the example, with its comment")
    func keys() throws {
        let page = try read(ConfigurationManual.page(try Self.example()))
        let entries = try Self.example().entries
        #expect(entries.flatMap(\.keys).count > 20)
        for entry in entries {
            #expect(!entry.text.isEmpty, "\(entry.keys[0].path) is not explained")
            for key in entry.keys { #expect(page.contains(key.path), "\(key.path)") }
        }
    }

    @Test("Keys are read with path, value and comment, alone or as a group")
    func reading() {
        let read = ExplainedConfiguration(
            """
            // Said of
            // the whole.
            {
                // NEEDED. The address: a host.
                host: "a,b",

                group: {
                    // Two of them.
                    first: 1,
                    second: [],
                    // Switched off.
                    // third: "x",
                },
                // Several lines.
                list: [
                    { id: "a" },
                ],
            }
            """)
        #expect(read.introduction == "Said of the whole.")
        #expect(
            read.entries == [
                .init(
                    keys: [.init(path: "host", value: "\"a,b\"", isCommentedOut: false)],
                    text: "NEEDED. The address: a host."),
                .init(
                    keys: [
                        .init(path: "group.first", value: "1", isCommentedOut: false),
                        .init(path: "group.second", value: "[]", isCommentedOut: false),
                    ], text: "Two of them."),
                .init(
                    keys: [.init(path: "group.third", value: "\"x\"", isCommentedOut: true)], text: "Switched off."),
                .init(
                    keys: [.init(path: "list", value: "[\n    { id: \"a\" },\n]", isCommentedOut: false)],
                    text: "Several lines."),
            ])
    }

    @Test("What would be a macro, an escape or a hyphen is shown as it was written")
    func escaping() throws {
        var roff = ManualPage(title: "odd", section: 1, purpose: "a-b", program: "pulih", version: "1", name: "Pulih")
        roff.heading("Text")
        roff.paragraph(".TH 'quoted' C:\\n --flag \"x\" `bold`")
        roff.paragraph("'s")
        #expect(try read(roff.text).contains(".TH 'quoted' C:\\n --flag \"x\" bold"))
        #expect(try read(roff.text).contains("'s"))
    }
}
