/// pulih(1), from the table of commands.
enum ProgramManual {
    static func page(_ commands: [Command]) -> String {
        var roff = Roff(title: "pulih", section: 1, purpose: "a second factor at login, and a way back by e-mail")
        roff.heading("Synopsis")
        roff.paragraph("`pulih` COMMAND [options]")
        roff.heading("Description")
        roff.paragraph(
            "Pulih is a login with a second factor (TOTP, RFC 6238) and a way back in for those who have lost it: a "
                + "request waits in a durable queue, a worker checks it and mails a link that works once and expires, "
                + "and the page of the link clears the secret.")
        roff.paragraph("An option is written `--name VALUE` or `--name=VALUE`; what follows `--` is no option.")
        roff.heading("Commands")
        for command in commands {
            let usage = [command.name, command.operands].filter { !$0.isEmpty }.joined(separator: " ")
            roff.item([usage], command.summary + ".")
            guard !command.options.isEmpty else { continue }
            roff.inside { roff in
                for option in command.options {
                    let term = "--\(option.name)" + (option.placeholder.map { " \($0)" } ?? "")
                    roff.item([term], option.help)
                }
            }
        }
        roff.heading("Options")
        roff.item(["--help"], "After a command: what it accepts. Alone: all commands.")
        roff.item(["--version"], "The same as `pulih version`.")
        roff.heading("Exit status")
        roff.item(["0"], "Done.")
        roff.item(["1"], "Failed; standard error says why and what to do.")
        roff.item(["2"], "Not written as the command is understood.")
        roff.heading("Files")
        roff.item([Defaults.configuration], "The configuration, where `--config` names no other: pulih.json5(5).")
        roff.heading("See also")
        roff.paragraph("pulih.json5(5)")
        return roff.text
    }
}
