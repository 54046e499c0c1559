import CommandLine
import Testing

@testable import Benchmarks

/// What the arguments of the benchmark ask for.
@Suite
struct ChoiceTests {
    private let lines = [
        Line("pipeline", "The whole way.", target: "at least 0.75", seconds: 60, needs: [.program, .sink]),
        Line("claim", "Claims.", seconds: 5), Line("held", "A transaction.", seconds: 5),
        Line("soak", "Many.", seconds: 100, isExtra: true),
        Line("peers", "Others.", seconds: 100, isExtra: true),
    ]

    private func names(_ arguments: String...) throws -> [String] { try Choice(arguments, among: lines).names }

    @Test("Without arguments all lines run but the extra ones")
    func all() throws { #expect(try names() == ["pipeline", "claim", "held"]) }

    @Test("Names choose lines, which keep their own order")
    func some() throws {
        #expect(try names("claim", "pipeline") == ["pipeline", "claim"])
        #expect(try names("soak") == ["soak"])
        #expect(try names("--json", "claim") == ["claim"])
    }

    @Test("An extra line is asked for by its option, alone or beside others")
    func extras() throws {
        #expect(try names("--peers") == ["peers"])
        #expect(try names("--soak", "claim") == ["claim", "soak"])
        #expect(try Choice(["--soak"], among: lines).resets == 200_000)
        #expect(try Choice(["--soak=20000"], among: lines).resets == 20_000)
        #expect(try Choice([], among: lines).heldJobs == 20_000)
        #expect(try Choice(["--held"], among: lines).heldJobs == 600_000)
        #expect(try Choice(["--held=5000"], among: lines).heldJobs == 5_000)
        #expect(try names("--held") == ["held"])
    }

    @Test("Options for what is printed")
    func printing() throws {
        #expect(try Choice(["--json"], among: lines).isJSON)
        #expect(try Choice(["--list"], among: lines).wantsList)
        for word in ["--help", "-h"] { #expect(try Choice(["nonsense", word], among: lines).wantsHelp) }
    }

    @Test(
        "What is not understood is named, with what it is nearest to",
        arguments: [
            ("pipelin", "there is no line pipelin; did you mean pipeline?"),
            ("xyz", "there is no line xyz; --list tells which there are"),
            ("--jsno", "pulih-bench knows no option --jsno; did you mean --json?"),
            ("--soak=many", "--soak takes a whole number from 100 to 10000000"), ("--json=1", "--json takes no value"),
        ])
    func mistakes(_ argument: String, _ sentence: String) {
        #expect(throws: UsageError(sentence)) { try Choice([argument], among: lines) }
    }

    @Test("The list tells name, sentence, target and time; help tells the options too")
    func list() {
        let text = Line.list(lines, width: 100)
        #expect(text.contains("  pipeline  The whole way. Target: at least 0.75. About 60 s."))
        #expect(text.contains("  claim     Claims. About 5 s."))
        let help = Choice.help(lines, width: 100)
        for word in ["--list", "--json", "--peers", "--held[=JOBS]", "--soak[=RESETS]", "Usage:", text] {
            #expect(help.contains(word))
        }
    }
}
