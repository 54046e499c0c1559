import CommandLine
import Support
import Testing

@testable import Program

@Suite("What is written about the program")
struct DocumentationTests {
    @Test(
        "Names no command that there is not",
        arguments: ["README.md", "config/pulih.json5", "config/prometheus/pulih.rules.yml", "config/debian/postinst"])
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
}
