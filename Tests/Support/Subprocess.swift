import Foundation
package import Glibc
import Threading

/// A running program under test: its output line by line, signals, and its end.
///
/// It leads a process group of its own. When the last reference goes, the whole group is killed and the program is
/// reaped; when the test runner itself is killed, the kernel ends the program.
///
/// Until then an ended program stays a zombie, so its process id keeps naming it and no signal can hit a stranger.
package final class Subprocess: Sendable {
    /// How a program ended.
    package enum Exit: Sendable, Equatable {
        case code(Int32)
        case signal(Int32)
    }

    package let processID: pid_t
    /// The command as a person would type it, for failures; a whole script given as an argument is cut.
    package let command: String
    let state = Monitor(State())

    struct State {
        var started: Result<Launch.Started, any Error>?
        var exit: Exit?
        var lines: [Line] = []
        var openStreams = 2
        /// The owner no longer needs the program.
        var isReleased = false
        var isReaped = false
    }

    /// Starts `program` (a path, or a name on PATH) and returns at once.
    ///
    /// `environment` is added to the runner's own; `folder` is the working folder, the runner's own by default; `input`
    /// is all that the program will read from standard input. `onLine` is called with each line, on the thread that
    /// reads the stream, before the line is in `lines`.
    package init(
        _ program: String, _ arguments: [String] = [], environment: [String: String] = [:], folder: String? = nil,
        input: String = "", onLine: @escaping @Sendable (Stream, String) -> Void = { _, _ in }
    ) throws {
        command = Self.describe(program, arguments)
        let launch = Launch(
            program: program, arguments: arguments, environment: environment, folder: folder, input: input)
        Thread.detachNewThread { [state] in Self.accompany(launch, state) }
        let started = state.wait(timeout: .seconds(30)) { $0.started }
        guard let started else { throw SupportFailure("\(command) was not started within 30 s") }
        let process = try started.get()
        processID = process.processID
        for (descriptor, stream) in [(process.output, Stream.output), (process.error, .error)] {
            Thread.detachNewThread { [state] in Self.collect(descriptor, stream, state, onLine) }
        }
    }

    static func describe(_ program: String, _ arguments: [String]) -> String {
        let words = arguments.map { $0.contains("\n") ? "…" : $0 }
        return ([program] + words).joined(separator: " ")
    }

    deinit {
        kill(-processID, SIGKILL)
        state.withLock { $0.isReleased = true }
        // The end of both streams tells that the children, which inherited them, are gone too.
        _ = state.wait(timeout: .seconds(2)) { $0.isReaped && $0.openStreams == 0 ? () : nil }
    }

    /// Sends `signal` to the program alone.
    package func signal(_ signal: Int32) { kill(processID, signal) }

    /// Sends `signal` to the program and to all its children that stayed in its process group.
    package func signalGroup(_ signal: Int32) { kill(-processID, signal) }

    /// How the program ended; nil while it runs.
    package var exit: Exit? { state.withLock { $0.exit } }

    /// Blocks until the program has ended and its output is complete.
    ///
    /// A child that keeps the output open is waited for up to one second more.
    @discardableResult
    package func waitForExit(timeout: Duration = .seconds(10)) throws -> Exit {
        guard let exit = state.wait(timeout: timeout, \.exit) else {
            throw SupportFailure("\(command) still runs after \(timeout)\n\(transcript)")
        }
        _ = state.wait(timeout: .seconds(1)) { $0.openStreams == 0 ? () : nil }
        return exit
    }

    /// Asks the program to end (SIGTERM) and waits until it has.
    @discardableResult
    package func stop(timeout: Duration = .seconds(10)) throws -> Exit {
        signal(SIGTERM)
        return try waitForExit(timeout: timeout)
    }

    /// The life of the thread that starts the program and outlives it, see `Launch.start`.
    private static func accompany(_ launch: Launch, _ state: Monitor<State>) {
        let started = Result { try launch.start() }
        state.withLock { $0.started = started }
        guard let processID = try? started.get().processID else { return }

        var information = siginfo_t()
        while waitid(P_PID, id_t(processID), &information, WEXITED | WNOWAIT) != 0, errno == EINTR {}
        let status = information._sifields._sigchld.si_status
        state.withLock { $0.exit = information.si_code == CLD_EXITED ? .code(status) : .signal(status) }

        state.wait { $0.isReleased ? () : nil }
        while waitpid(processID, nil, 0) < 0, errno == EINTR {}
        state.withLock { $0.isReaped = true }
    }
}
