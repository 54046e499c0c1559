import Foundation
import Glibc
import Support
import Testing
import Threading

@Suite struct SubprocessTests {
    @Test func `output is collected line by line, each stream by itself`() throws {
        let finished = try Subprocess.run("sh", ["-c", "echo one; echo two >&2; printf 'three\\r\\nfour\\rfive'"])
        #expect(finished.output == "one\nthree\nfour\nfive")
        #expect(finished.error == "two")
        #expect(finished.exit == .code(0))
    }

    @Test func `a program gets its input, its environment and its folder`() throws {
        let folder = try TemporaryFolder()
        let script = "cat; echo $GREETING; pwd"
        let long = String(repeating: "x", count: 200_000)
        let finished = try Subprocess.run(
            "sh", ["-c", script], environment: ["GREETING": "selamat pagi"], folder: folder.path, input: long + "\n")
        #expect(finished.output.hasPrefix(long + "\n"))
        #expect(finished.output.dropFirst(long.count + 1) == "selamat pagi\n\(folder.path)")
    }

    @Test func `a program inherits nothing but its three streams`() throws {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(listener) }
        try #require(listener > 2)
        // The listing itself has the folder open.
        let list = "import os; print(os.listdir('/proc/self/fd'))"
        #expect(try Subprocess.output(of: "/usr/bin/python3", ["-c", list]) == "['0', '1', '2', '3']")
    }

    @Test func `a line is waited for, also when it was there before`() throws {
        let folder = try TemporaryFolder()
        let gate = folder.file("gate")
        try #require(mkfifo(gate, 0o600) == 0)
        let script = "echo first; read x < gate; echo second; echo second"
        let process = try Subprocess("sh", ["-c", script], folder: folder.path)
        let first = try process.waitForLine { $0 == "first" }
        #expect(process.lines == [first])
        try "open\n".write(toFile: gate, atomically: false, encoding: .utf8)
        let second = try process.waitForLine(after: first) { $0 == "second" }
        let again = try process.waitForLine(after: second) { $0 == "second" }
        #expect(again.index > second.index)
        #expect(try process.waitForLine { $0 == "first" } == first)
        #expect(try process.waitForLine(matching: /sec(o.*)/).1 == "ond")
    }

    @Test func `a wait for a line fails at once when the program has ended, and shows what it wrote`() throws {
        let process = try Subprocess("sh", ["-c", "echo only this; exit 3"])
        let error = try #require(throws: SupportFailure.self) {
            try process.waitForLine(timeout: .seconds(600)) { $0 == "ready" }
        }
        #expect(error.description.contains("only this"))
        #expect(try process.waitForExit() == .code(3))
    }

    @Test func `a program is stopped, continued and killed by signals`() throws {
        let script = "trap 'echo terminated; exit 7' TERM; echo ready; while :; do sleep 0.01; done"
        let process = try Subprocess("sh", ["-c", script])
        try process.waitForLine { $0 == "ready" }
        process.signal(SIGSTOP)
        try Eventually.holds("the program is stopped") { try state(of: process.processID) == "T" }
        process.signal(SIGCONT)
        #expect(try process.stop() == .code(7))
        #expect(process.text(.output) == "ready\nterminated")

        let other = try Subprocess("sleep", ["1000"])
        #expect(other.exit == nil)
        other.signal(SIGKILL)
        #expect(try other.waitForExit() == .signal(SIGKILL))
    }

    @Test func `a wait for the end of a program that goes on fails`() throws {
        let process = try Subprocess("sleep", ["1000"])
        #expect(throws: SupportFailure.self) { try process.waitForExit(timeout: .milliseconds(50)) }
    }

    @Test func `a program that does not exist is named at once`() {
        let error = #expect(throws: SupportFailure.self) { try Subprocess("no-such-program") }
        #expect(error?.description == "there is no program no-such-program")
    }

    @Test func `the program and its children end with the last reference`() throws {
        var process: Subprocess? = try Subprocess("sh", ["-c", "sleep 1000 & echo $!; wait"])
        let parent = try #require(process?.processID)
        let child = try #require(try process?.waitForLine(matching: /^\d+$/).description)
        process = nil
        #expect(kill(parent, 0) == -1)
        // It was killed at the same moment, but is init's to reap.
        try Eventually.holds("the child is gone") { try isGone(pid_t(child) ?? 0) }
    }

    @Test func `a program outlives the thread it was asked for on`() throws {
        let folder = try TemporaryFolder()
        let gate = folder.file("gate")
        try #require(mkfifo(gate, 0o600) == 0)
        let started = Monitor<Subprocess?>(nil)
        let thread = Thread {
            let process = try? Subprocess("sh", ["-c", "echo ready; read x < gate; echo alive"], folder: folder.path)
            // By then the program is subject to the death of its parent.
            _ = try? process?.waitForLine { $0 == "ready" }
            started.withLock { $0 = process }
        }
        thread.start()
        let process = try #require(started.wait(timeout: .seconds(10)) { $0 })
        try Eventually.holds("the thread has ended") { thread.isFinished }
        // Were that thread the parent in the kernel's eyes, its end would be the program's: see `PR_SET_PDEATHSIG`.
        try #require(process.exit == nil)
        try "open\n".write(toFile: gate, atomically: false, encoding: .utf8)
        #expect(try process.waitForExit() == .code(0))
        #expect(process.text(.output) == "ready\nalive")
    }

    @Test func `a program ends when the test runner is killed`() async throws {
        let folder = try TemporaryFolder()
        let file = folder.file("process")
        await #expect(processExitsWith: .signal(SIGKILL)) { [file = file as String] in
            let process = try Subprocess("sh", ["-c", "echo ready; exec sleep 1000"])
            try process.waitForLine { $0 == "ready" }
            try "\(process.processID)".write(toFile: file, atomically: true, encoding: .utf8)
            raise(SIGKILL)
        }
        let processID = try #require(pid_t(folder.read("process")))
        try Eventually.holds("the program is gone") { try isGone(processID) }
    }
}

private func isGone(_ processID: pid_t) throws -> Bool { try ["gone", "Z"].contains(state(of: processID)) }

/// The letter that proc(5) gives the state of a process, or `gone`.
private func state(of processID: pid_t) throws -> String {
    guard let line = try? String(contentsOfFile: "/proc/\(processID)/stat", encoding: .utf8) else { return "gone" }
    // The command's name is in parentheses and may hold anything.
    let fields = try #require(line.split(separator: ")").last).split(separator: " ")
    return String(fields[0])
}
