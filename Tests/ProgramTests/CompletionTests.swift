@testable import CommandLine
import Domain
import Support
import Testing

@testable import Program

/// Completion as the shells themselves do it.
@Suite("Completion")
struct CompletionTests {
    private static let tree = CompletionTree(commands: Commands.all)

    /// What bash offers for the last of `words`.
    private func bash(_ words: [String], folder: String? = nil) throws -> [String] {
        let ask = """
            source /dev/stdin
            COMP_WORDS=("$@")
            COMP_CWORD=$(($# - 1))
            _pulih
            printf '%s\\n' "${COMPREPLY[@]}"
            """
        return try Subprocess.output(
            of: "bash", ["-c", ask, "bash", "pulih"] + words, folder: folder,
            input: BashCompletion(commandSet: Program.commandSet).script
        ).split(separator: "\n").map(String.init)
    }

    /// What fish offers for each line, without the explanations.
    private func fish(_ lines: [String]) throws -> [[String]] {
        let folder = try TemporaryFolder()
        let script = try folder.write(FishCompletion(commandSet: Program.commandSet).script, to: "pulih.fish")
        let ask = "source \(script); for line in $argv; complete -C $line; echo end; end"
        let output = try Subprocess.output(of: "fish", ["--no-config", "-c", ask] + lines, folder: folder.path)
        return output.split(separator: "\n", omittingEmptySubsequences: false).split(separator: "end").map { offers in
            offers.compactMap { $0.split(separator: "\t").first.map(String.init) }
        }
    }

    @Test("bash offers every command word by word, then every option of it")
    func everyCommandInBash() throws {
        for fork in Self.tree.forks {
            #expect(try bash(fork.words + [""]) == fork.branches.map(\.word))
        }
        for command in Commands.all {
            #expect(try bash(command.words + ["--"]) == command.allOptions.map { "--\($0.name)" }, "\(command.name)")
        }
    }

    @Test("fish offers every command and every option of it")
    func everyCommandInFish() throws {
        let forks = try fish(Self.tree.forks.map { (["pulih"] + $0.words).joined(separator: " ") + " " })
        for (fork, offers) in zip(Self.tree.forks, forks) {
            #expect(Set(offers) == Set(fork.branches.map(\.word)), "\(fork.words)")
        }
        let options = try fish(Commands.all.map { "pulih \($0.name) --" })
        #expect(options.count == Commands.all.count)
        for (command, offers) in zip(Commands.all, options) {
            #expect(Set(offers) == Set(command.allOptions.map { "--\($0.name)" }), "\(command.name)")
        }
    }

    @Test("zsh offers values and explained commands at a terminal")
    func zsh() throws {
        let folder = try TemporaryFolder()
        let script = try folder.write(ZshCompletion(commandSet: Program.commandSet).script, to: "pulih.zsh")
        for command in Commands.all {
            #expect(try folder.read("pulih.zsh").contains("'\(command.name) '*)"), "\(command.name)")
        }
        // An interactive shell behind a terminal of its own; it answers a tab with what it offers.
        let ask = """
            zmodload zsh/zpty
            zpty shell zsh -f -i
            zpty -w shell 'autoload -U compinit; compinit -u -D; source \(script); echo RE""ADY'
            zpty -r -m shell seen '*READY*'
            zpty -w -n shell "$1"$'\\t\\t'
            zpty -r -m shell seen "*$2*"
            print -r -- $seen
            zpty -d shell
            """
        let offers = { (typed: String, last: String) in
            try Subprocess.output(of: "zsh", ["-f", "-c", ask, "zsh", typed, last], folder: folder.path)
        }
        let states = try offers("pulih queue list --state ", "scheduled")
        #expect(states.contains("discarded") && states.contains("held"))
        #expect(try offers("pulih queue ", "status * Tell whether").contains("Show one job"))
    }

    @Test(
        "bash offers what fits the place",
        arguments: [
            (["queue", "list", "--state", "d"], ["done", "dead", "discarded"]),
            (["queue", "list", "--state", "=", "rea"], ["ready"]),
            (["queue", "list", "--kind", "reset-r"], ["reset-request"]),
            (["policy", "set", ""], ["totp"]),
            (["policy", "set", "--type", "penyedia", "totp", ""], ["on", "off"]),
            (["policy", "set", "--type", "=", "penyedia", "totp", ""], ["on", "off"]),
            (["queue", "list", "--limit", ""], []),
            (["queue", "show", ""], ["--config", "--json", "--help"]),
            (["check", "--config", "pu"], ["pulih.json5"]),
            (["init", ""], ["keys"]),
            (["manual", "pulih-q"], ["pulih-queue"]),
            (["nonsense", ""], []),
        ])
    func places(words: [String], offers: [String]) throws {
        let folder = try TemporaryFolder()
        try folder.write("", to: "pulih.json5")
        try folder.write("", to: "keys/link.key")
        #expect(try bash(words, folder: folder.path) == offers)
    }

    @Test("fish offers what fits the place")
    func placesInFish() throws {
        let offers = try fish([
            "pulih queue list --state ", "pulih queue list --state=rea", "pulih policy set ",
            "pulih policy set --type penyedia totp ", "pulih check --config pulih.f",
        ])
        #expect(
            offers == [
                ["dead", "discarded", "done", "held", "ready", "running", "scheduled"], ["--state=ready"], ["totp"],
                ["off", "on"], ["pulih.fish"],
            ])
    }

    @Test("A placeholder says what may stand in its place")
    func suggestions() {
        let suggestion = { (placeholder: String) in
            Suggestion(for: placeholder, kinds: Program.commandSet.valueKinds)
        }
        #expect(suggestion("FILE") == .files)
        #expect(suggestion("[FILE…]") == .files)
        #expect(suggestion("DIRECTORY") == .folders)
        #expect(suggestion("id|en") == .words(["id", "en"]))
        #expect(suggestion("ID|all") == .words(["all"]))
        #expect(suggestion("[KIND|all]") == .words(JobKind.allCases.map(\.rawValue) + ["all"]))
        #expect(suggestion("[pulih|pulih.json5]") == .words(["pulih", "pulih.json5"]))
        #expect(suggestion("[ID...]") == .nothing)
        #expect(suggestion("USER_ID") == .nothing)
    }

    @Test("An option's help survives quoting")
    func quoting() throws {
        let odd = Command(
            "odd", operands: "a|b", count: 1...1, summary: "It's [odd]: \\ \"$HOME\"",
            options: [.init("value", "X:Y", "what's [in] it: `id` $(id) \\")]
        ) { _ in 0 }
        let set = CommandSet(program: "pulih", headline: "", commands: [odd], valueKinds: [:])
        let folder = try TemporaryFolder()
        for (shell, script) in [
            ("bash", BashCompletion(commandSet: set).script), ("zsh", ZshCompletion(commandSet: set).script),
            ("fish", FishCompletion(commandSet: set).script),
        ] {
            try Subprocess.output(of: shell, ["-n", try folder.write(script, to: shell)])
        }
        let help = try Subprocess.output(
            of: "fish",
            ["--no-config", "-c", "source \(folder.file("fish")); complete -C 'pulih '; complete -C 'pulih odd --v'"])
        #expect(help.contains("It's [odd]: \\ \"$HOME\""))
        #expect(help.contains("what's [in] it: `id` $(id) \\"))
    }
}
