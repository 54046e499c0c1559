/// `pulih completion SHELL`: made from the table of commands, so that it knows whatever they know.
enum CompletionCommand {
    static let command = Command(
        "completion", operands: "bash|zsh|fish", count: 1...1,
        summary: "Print what makes a shell complete commands, options and values"
    ) { invocation in
        let tree = CompletionTree(commands: Commands.all)
        switch invocation.operands[0] {
        case "bash": Console.line(BashCompletion.script(tree))
        case "zsh": Console.line(ZshCompletion.script(tree))
        case "fish": Console.line(FishCompletion.script(tree))
        default: throw UsageError("\(invocation.operands[0]) is not one of the shells: bash, zsh, fish")
        }
        return 0
    }
}
