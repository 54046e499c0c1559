import Configuration
import CommandLine
/// `pulih manual`: the man pages, made from the table of commands and from the comments of the configuration.
enum ManualCommand {
    static let command = Command(
        "manual", operands: "[pulih|pulih.json5]", count: 0...1,
        summary: "Print a man page, to be read with: pulih manual | man -l -"
    ) { invocation in
        let page = invocation.operands.first ?? "pulih"
        switch page {
        case "pulih":
            Console.line(ProgramManual.page(Commands.all))
        case "pulih.json5":
            guard let text = DataFolder.configuration() else { throw DataFolder.noConfiguration }
            Console.line(ConfigurationManual.page(ExplainedConfiguration(text)))
        default:
            throw UsageError("there is no page \(page); there are: pulih, pulih.json5")
        }
        return 0
    }
}
