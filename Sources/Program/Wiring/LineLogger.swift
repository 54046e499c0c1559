import Configuration
import CommandLine
import Domain
import FoundationEssentials
import Glibc

/// Writes each event as one line to standard error, as logfmt or JSON. Under systemd each line starts with its priority
/// (sd-daemon(3)).
struct LineLogger: Logger {
    let format: Configuration.Log.Format
    let level: LogLevel
    let clock: any Clock
    let descriptor: Int32
    let withPriority: Bool

    /// Writes to standard error; with priorities when systemd reads it (`JOURNAL_STREAM` is set then).
    init(_ log: Configuration.Log, clock: any Clock) {
        format = log.format
        level = log.level
        self.clock = clock
        descriptor = STDERR_FILENO
        withPriority = getenv("JOURNAL_STREAM") != nil
    }

    func log(_ level: LogLevel, _ event: String, _ fields: KeyValuePairs<String, String>) {
        guard level >= self.level else { return }
        let time = Date(timeIntervalSince1970: Double(clock.now().milliseconds) / 1000)
            .formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true))
        let all = [("time", time), ("level", level.rawValue), ("event", event)] + fields.map { ($0.key, $0.value) }
        let line =
            switch format {
            case .logfmt: all.map { "\($0)=\(Self.logfmt($1))" }.joined(separator: " ")
            case .json: "{" + all.map { "\(Self.quoted($0)):\(Self.quoted($1))" }.joined(separator: ",") + "}"
            }
        Console.write((withPriority ? Self.priority(level) : "") + line + "\n", to: descriptor)
    }

    private static func priority(_ level: LogLevel) -> String {
        switch level {
        case .debug: "<7>"
        case .info: "<6>"
        case .warning: "<4>"
        case .error: "<3>"
        }
    }

    /// Bare where nothing can be misread, else quoted.
    static func logfmt(_ value: String) -> String {
        let isPlain = { (byte: UInt8) in
            byte > 0x20 && byte < 0x7f && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "=")
        }
        return !value.isEmpty && value.utf8.allSatisfy(isPlain) ? value : quoted(value)
    }

    /// A JSON string: no control character, and so no forged line, survives in it.
    static func quoted(_ value: String) -> String {
        var text = "\""
        for scalar in value.unicodeScalars {
            switch scalar {
            case "\"": text += "\\\""
            case "\\": text += "\\\\"
            case "\n": text += "\\n"
            case "\r": text += "\\r"
            case "\t": text += "\\t"
            // C0, DEL, C1 and the two Unicode line ends, which some readers take for a new line.
            case "\u{0}"..."\u{1f}", "\u{7f}"..."\u{9f}", "\u{2028}", "\u{2029}":
                let digits = String(scalar.value, radix: 16)
                text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: text.unicodeScalars.append(scalar)
            }
        }
        return text + "\""
    }
}
