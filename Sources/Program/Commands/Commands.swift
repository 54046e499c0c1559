import CommandLine
/// Every command, in the order that `--help` lists them.
enum Commands {
    static let all: [Command] = [
        DemoCommand.command,
        ServeCommand.serve, ServeCommand.worker, ServeCommand.portal,
        InitCommand.command,
        CheckCommand.command,
        UserCommands.add, UserImportCommand.command, UserCommands.list, UserCommands.show,
        UserChangeCommands.rename, UserChangeCommands.setPassword, UserChangeCommands.setEmail,
        UserChangeCommands.deactivate,
        UserChangeCommands.activate, UserChangeCommands.resetTOTP,
        PolicyCommands.show, PolicyCommands.set,
        ApplicationCommands.list, ApplicationCommands.addKey, ApplicationCommands.revokeKey,
        QueueStatusCommand.command, QueueCommands.list, QueueCommands.show, QueueCommands.add,
        QueueChangeCommands.retry, QueueChangeCommands.discard, QueueChangeCommands.hold, QueueChangeCommands.release,
        PauseCommands.pause, PauseCommands.resume, PauseCommands.drain, PauseCommands.prune,
        MailTestCommand.command, MailBouncedCommand.command,
        WebhookCommands.list, WebhookTestCommand.command, WebhookCommands.retry,
        AuditCommands.list, AuditCommands.verify, AuditCommands.export,
        BackupCommand.command, DatabaseCopyCommand.command,
        KeysCommands.rotate, KeysCommands.show, KeysCommands.forget,
        CompletionCommand.command, ManualCommand.command, VersionCommand.command,
    ]

    static let config = Command.Option("config", "FILE", "the configuration (default \(Defaults.configuration))")
    static let why = Command.Option("why", "TEXT", "the reason, for the audit log")
    static let json = Command.Option("json", nil, "print JSON")
}

enum Defaults {
    static let configuration = "/etc/pulih/pulih.json5"
}
