import CommandLine
/// pulih(1), from the table of commands.
enum ProgramManual {
    static let purpose = "a second factor at login, and a way back by e-mail"

    static func page(_ commands: [Command]) -> String {
        var page = ManualPage(
            title: "pulih", section: 1, purpose: purpose, program: "pulih", version: Program.version, name: "Pulih")
        page.heading("Synopsis")
        page.paragraph("`pulih` COMMAND [options]")
        page.heading("Description")
        page.paragraph(
            "Pulih is a login with a second factor (TOTP, RFC 6238) and a way back in for those who have lost it: a "
                + "request waits in a durable queue, a worker checks it and mails a link that works once and expires, "
                + "and the page of the link clears the secret.")
        page.paragraph("An option is written `--name VALUE` or `--name=VALUE`; what follows `--` is no option.")
        page.heading("Commands")
        for command in commands {
            let usage = [command.name, command.operands].filter { !$0.isEmpty }.joined(separator: " ")
            page.item([usage], command.summary + ".")
            guard !command.options.isEmpty else { continue }
            page.inside { page in
                for option in command.options {
                    let term = "--\(option.name)" + (option.placeholder.map { " \($0)" } ?? "")
                    page.item([term], option.help)
                }
            }
        }
        page.heading("Options")
        page.item(["--help"], "After a command: what it accepts. Alone: all commands.")
        page.item(["--version"], "The same as `pulih version`.")
        page.heading("Exit status")
        page.item(["0"], "Done.")
        page.item(["1"], "Failed; standard error says why and what to do.")
        page.item(["2"], "Not written as the command is understood.")
        page.heading("Files")
        page.item([Defaults.configuration], "The configuration, where `--config` names no other: pulih.json5(5).")
        page.heading("See also")
        page.paragraph(Manuals.others(than: "pulih"))
        return page.text
    }
}
