import Foundation
import Glibc
import Threading

extension Subprocess {
    package enum Stream: String, Sendable {
        case output, error
    }

    /// A line that the program wrote, without its end.
    package struct Line: Sendable, Equatable {
        package let stream: Stream
        package let text: String
        /// The number of lines before this one, both streams counted; see `waitForLine(after:)`.
        package let index: Int
    }

    /// What was read of the program's output so far, each stream in its own order. What it has only just written may be
    /// missing while it runs: wait for it.
    package var lines: [Line] { state.withLock { $0.lines } }

    /// What the program has written to `stream` so far.
    package func text(_ stream: Stream) -> String {
        lines.filter { $0.stream == stream }.map(\.text).joined(separator: "\n")
    }

    /// Both streams as they came, for failures.
    package var transcript: String {
        lines.suffix(100).map { "\($0.stream.rawValue)| \($0.text)" }.joined(separator: "\n")
    }

    /// The first line, written already or still to come, that satisfies `matches`.
    ///
    /// After an `earlier` line only later ones count. Fails at once when the program ends its output without such a line.
    @discardableResult
    package func waitForLine(
        after earlier: Line? = nil, timeout: Duration = .seconds(10), matching matches: (String) throws -> Bool
    ) throws -> Line {
        var next = earlier.map { $0.index + 1 } ?? 0
        let found = try state.wait(timeout: timeout) { state throws -> Result<Line, SupportFailure>? in
            while next < state.lines.count {
                defer { next += 1 }
                if try matches(state.lines[next].text) { return .success(state.lines[next]) }
            }
            return state.openStreams == 0 ? .failure(SupportFailure("ended its output")) : nil
        }
        switch found {
        case .success(let line): return line
        case .failure(let failure): throw SupportFailure("\(command) \(failure) without the line\n\(transcript)")
        case nil: throw SupportFailure("\(command) did not write the line within \(timeout)\n\(transcript)")
        }
    }

    /// What the first line that contains a match of `pattern` holds, as the form with a closure finds it.
    @discardableResult
    package func waitForLine<Output>(
        after earlier: Line? = nil, timeout: Duration = .seconds(10), matching pattern: Regex<Output>
    ) throws -> Output {
        var output: Output?
        try waitForLine(after: earlier, timeout: timeout) { line in
            output = try pattern.firstMatch(in: line)?.output
            return output != nil
        }
        // The wait returns only after a match.
        return output!
    }

    /// The life of a thread that reads one stream to its end.
    static func collect(
        _ descriptor: Int32, _ stream: Stream, _ state: Monitor<State>, _ onLine: (Stream, String) -> Void
    ) {
        var splitter = LineSplitter()
        var buffer = [UInt8](repeating: 0, count: 65536)
        while true {
            let count = read(descriptor, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            let texts = count > 0 ? splitter.add(buffer[..<count]) : splitter.finish()
            for text in texts { onLine(stream, text) }
            state.withLock { state in
                for text in texts {
                    state.lines.append(Line(stream: stream, text: text, index: state.lines.count))
                }
                if count <= 0 { state.openStreams -= 1 }
            }
            guard count > 0 else { break }
        }
        close(descriptor)
    }
}

/// Cuts a stream of bytes into lines that end in LF, CR LF or a lone CR (a counter that rewrites its line).
struct LineSplitter {
    private var line: [UInt8] = []
    private var lastWasReturn = false

    /// The lines that `bytes` complete.
    mutating func add(_ bytes: ArraySlice<UInt8>) -> [String] {
        var lines: [String] = []
        for byte in bytes {
            switch byte {
            case UInt8(ascii: "\n") where lastWasReturn: break
            case UInt8(ascii: "\n"), UInt8(ascii: "\r"): lines.append(take())
            default: line.append(byte)
            }
            lastWasReturn = byte == UInt8(ascii: "\r")
        }
        return lines
    }

    /// The last line, if it came without an end.
    mutating func finish() -> [String] { line.isEmpty ? [] : [take()] }

    private mutating func take() -> String {
        defer { line.removeAll() }
        return String(decoding: line, as: UTF8.self)
    }
}
