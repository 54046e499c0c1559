import CommandLine
import Domain
import Operations
import Store

/// `pulih queue status`: whether mail goes out, how late, what is stuck, why, and what to do.
enum QueueStatusCommand {
    /// Seconds between two looks.
    private static let interval = 2

    static let command = Command(
        "queue status", summary: "Tell whether mail goes out, how late it is, what is stuck and what to do",
        options: [
            Commands.config, .init("watch", nil, "look again every \(interval) s until Ctrl-C"),
            .init("json", nil, "print JSON; with --watch one line each time"),
        ]
    ) { invocation in
        let isWatching = invocation.has("watch")
        if isWatching { Signals.hold() }
        return try invocation.withDatabase { database, configuration in
            func makeReport() throws -> QueueReport {
                try QueueReport(of: database, at: database.clock.now())
            }
            func text() throws -> String {
                QueueStatusText(
                    report: try makeReport(), time: configuration.stamps, width: Terminal.width,
                    command: invocation.typed
                ).page
            }
            switch (isWatching, invocation.has("json")) {
            case (false, false): Console.line(try text())
            case (false, true): try Console.json(try makeReport())
            case (true, true): try untilStopped { Console.line(try JSONText.line(try makeReport())) }
            case (true, false) where Terminal.isShown:
                try Terminal.withAlternateScreen {
                    try untilStopped {
                        let stamp = configuration.stamps.timestamp(database.clock.now())
                        Terminal.draw("\(stamp)   every \(interval) s, Ctrl-C ends\n\n\(try text())")
                    }
                }
            case (true, false):
                try untilStopped {
                    Console.line("\(configuration.stamps.timestamp(database.clock.now()))\n\(try text())\n")
                }
            }
            return 0
        }
    }

    private static func untilStopped(_ body: () throws -> Void) throws {
        repeat { try body() } while !Signals.wait(seconds: interval)
    }
}

extension Invocation {
    /// How a command is typed where this one was: with the same configuration.
    func typed(_ command: String) -> String {
        let config = self["config"].map { " --config \(ShellWord.quoted($0))" } ?? ""
        return "pulih \(command)\(config)"
    }
}
