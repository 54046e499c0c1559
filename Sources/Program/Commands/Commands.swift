/// Every command, in the order that `--help` lists them.
enum Commands {
    static let all: [Command] = [
        DemoCommand.command,
        ServeCommand.serve, ServeCommand.worker, ServeCommand.portal,
        InitCommand.command,
        CheckCommand.command,
        UserCommands.add, UserCommands.importing, UserCommands.list, UserCommands.show,
        UserChangeCommands.setPassword, UserChangeCommands.setEmail, UserChangeCommands.deactivate,
        UserChangeCommands.activate, UserChangeCommands.resetTOTP,
        PolicyCommands.show, PolicyCommands.set,
        QueueCommands.status, QueueCommands.list, QueueCommands.show, QueueCommands.add, QueueCommands.retry,
        QueueCommands.discard,
        MailCommands.test,
        BackupCommand.command,
        KeysCommands.rotate, KeysCommands.show, KeysCommands.forget,
        VersionCommand.command,
    ]

    static let config = Command.Option("config", "FILE", "the configuration (default \(Defaults.configuration))")
    static let json = Command.Option("json", nil, "print JSON")
}

enum Defaults {
    static let configuration = "/etc/pulih/pulih.json5"
}
