import CommandLine
/// `pulih completion SHELL`: made from the table of commands, so that it knows whatever they know.
enum CompletionCommand {
    static let command = Command(
        "completion", operands: "bash|zsh|fish", count: 1...1,
        summary: "Print what makes a shell complete commands, options and values"
    ) { invocation in
        let commandSet = Program.commandSet
        switch invocation.operands[0] {
        case "bash": Console.line(BashCompletion(commandSet: commandSet).script)
        case "zsh": Console.line(ZshCompletion(commandSet: commandSet).script)
        case "fish": Console.line(FishCompletion(commandSet: commandSet).script)
        default: throw UsageError("\(invocation.operands[0]) is not one of the shells: bash, zsh, fish")
        }
        return 0
    }
}
