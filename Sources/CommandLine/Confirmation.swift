/// Tells what a command is about to do to many things, and asks before it does.
package enum Confirmation {
    package static let options: [Command.Option] = [
        .init("dry-run", nil, "count, and change nothing"), .init("yes", nil, "do not ask"),
    ]

    /// - Parameter fact: what would be done, as a sentence.
    /// - Returns: whether to go on; nil for a dry run, which is done with telling.
    /// - Throws: `CommandError` when nobody is there to be asked.
    package static func confirm(_ fact: String, _ invocation: Invocation) throws -> Bool? {
        if invocation.has("dry-run") {
            Console.line("\(fact) Nothing was changed.")
            return nil
        }
        if invocation.has("yes") { return true }
        guard Terminal.canAsk else {
            throw CommandError("\(fact) Nothing was changed: nobody can be asked here, so say --yes.")
        }
        if Terminal.confirms(to: "\(fact) Go on?") { return true }
        Console.line("Nothing was changed.")
        return false
    }
}
