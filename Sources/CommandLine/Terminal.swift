import Glibc

/// The terminal, if there is one.
package enum Terminal {
    /// Whether standard output is one.
    package static var isShown: Bool { isatty(STDOUT_FILENO) == 1 }

    /// Whether somebody is there to be asked.
    package static var canAsk: Bool { isatty(STDIN_FILENO) == 1 && isatty(STDERR_FILENO) == 1 }

    /// How wide text may be here.
    package static var width: Int {
        var size = winsize()
        guard isShown, ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else {
            return TextTable.widest
        }
        return min(max(Int(size.ws_col), 40), TextTable.widest)
    }

    /// Asks a question that only a written yes answers.
    package static func confirms(to question: String) -> Bool {
        Console.write("\(question) [y/N] ", to: STDERR_FILENO)
        return ["y", "yes"].contains(Swift.readLine(strippingNewline: true)?.lowercased() ?? "")
    }

    /// Runs `body` on a screen of its own, without a cursor, and brings the old one back.
    package static func withAlternateScreen<Result>(_ body: () throws -> Result) rethrows -> Result {
        Console.write("\u{1B}[?1049h\u{1B}[?25l", to: STDOUT_FILENO)
        defer { Console.write("\u{1B}[?25h\u{1B}[?1049l", to: STDOUT_FILENO) }
        return try body()
    }

    /// Draws over what was there, line by line, so that nothing flickers.
    package static func draw(_ text: String) {
        var size = winsize()
        let height = ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0 && size.ws_row > 0 ? Int(size.ws_row) : 24
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).prefix(height)
        Console.write("\u{1B}[H" + lines.joined(separator: "\u{1B}[K\r\n") + "\u{1B}[K\u{1B}[J", to: STDOUT_FILENO)
    }
}
