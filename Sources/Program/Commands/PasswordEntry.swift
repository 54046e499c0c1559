import Configuration
import CommandLine
import Cryptography
import Domain
import FoundationEssentials
import Glibc

/// Where a command takes a password from: a file of mode 0600, standard input, or a person at the terminal. Never an
/// argument: everyone on the machine can read those.
enum PasswordEntry {
    static let options = [
        Command.Option("password-file", "FILE", "a file of mode 0600 that holds the password"),
        Command.Option(
            "password-stdin", nil, "read the password from standard input; at a terminal it is asked for twice"),
    ]

    /// - Returns: nil when the invocation names no source.
    static func read(_ invocation: Invocation, for userID: String) throws -> String? {
        let file = invocation["password-file"]
        guard file == nil || !invocation.has("password-stdin") else {
            throw UsageError("--password-file and --password-stdin exclude each other")
        }
        let password: String
        if let file {
            password = try SecretFile.text(file)
        } else if invocation.has("password-stdin") {
            password = try isatty(STDIN_FILENO) == 1 ? askTwice() : line(prompt: nil)
        } else {
            return nil
        }
        if let mistake = PasswordRule.violation(password, userID: userID) { throw CommandError(mistake) }
        return password
    }

    private static func askTwice() throws -> String {
        let first = try line(prompt: "New password: ")
        guard try line(prompt: "Once more: ") == first else { throw CommandError("The two passwords differ.") }
        return first
    }

    /// One line, without its end. At a terminal what is typed does not show.
    private static func line(prompt: String?) throws -> String {
        guard let prompt else { return try readLine() }
        Console.write(prompt, to: STDERR_FILENO)
        var shown = termios()
        tcgetattr(STDIN_FILENO, &shown)
        var hidden = shown
        hidden.c_lflag &= ~tcflag_t(ECHO)
        tcsetattr(STDIN_FILENO, TCSANOW, &hidden)
        defer {
            tcsetattr(STDIN_FILENO, TCSANOW, &shown)
            Console.printError("")
        }
        return try readLine()
    }

    private static func readLine() throws -> String {
        guard let line = Swift.readLine(strippingNewline: true), !line.isEmpty else {
            throw CommandError("No password was given.")
        }
        return line
    }
}
