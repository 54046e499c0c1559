import Foundation
import Support
import Testing

@testable import Program

@Suite("The output of another program")
struct ChildProcessTests {
    private func read(
        _ program: String, _ arguments: [String] = [], atMost limit: Int = 100_000, within time: Duration = .seconds(30)
    ) throws -> String {
        String(
            decoding: try ChildProcess.read(program, arguments, atMost: limit, within: time), as: UTF8.self)
    }

    @Test("It is read to its end, through as many pipes full as it takes")
    func whole() throws {
        #expect(try read("/usr/bin/printf", ["%s", "a b;$(id)"]) == "a b;$(id)")
        #expect(try read("/usr/bin/seq", ["1", "15000"]).split(separator: "\n").count == 15_000)
    }

    @Test("The program gets no environment, no input and no descriptor of ours")
    func nothing() throws {
        let inherited = dup(STDOUT_FILENO)
        defer { close(inherited) }
        #expect(try read("/usr/bin/env") == "")
        #expect(try read("/bin/cat") == "")
        // The fourth is the folder that ls itself reads.
        #expect(try read("/bin/ls", ["/proc/self/fd"]) == "0\n1\n2\n3\n")
    }

    @Test("It blocks and ignores no signal, whatever we do")
    func signals() throws {
        signal(SIGPIPE, SIG_IGN)
        let status = try read("/bin/cat", ["/proc/self/status"])
        for name in ["SigBlk", "SigIgn"] {
            let line = try #require(status.split(separator: "\n").first { $0.hasPrefix("\(name):\t") })
            let set = try #require(UInt64(line.dropFirst(name.count + 2), radix: 16))
            // 32 and 33 are glibc's own, which posix_spawn ignores in every program it starts.
            #expect(set & 0x7fff_ffff == 0, "\(line)")
        }
    }

    @Test("Who takes too long is killed, and reaped")
    func late() throws {
        let start = ContinuousClock.now
        #expect(throws: ChildProcessError(detail: "it took too long")) {
            try read("/usr/bin/tail", ["-f", "/dev/null"], within: .milliseconds(100))
        }
        #expect(ContinuousClock.now - start < .seconds(20))
        // No other test runs a tail, which makes the name enough.
        #expect(Children.named("tail").isEmpty)
    }

    @Test("Who closes its output and goes on is killed too")
    func mute() throws {
        #expect(throws: ChildProcessError(detail: "it took too long")) {
            try read("/bin/sh", ["-c", "exec sleep 4711 >&-"], within: .milliseconds(300))
        }
    }

    @Test("Who writes too much is killed, and reaped")
    func tooMuch() throws {
        #expect(throws: ChildProcessError(detail: "it wrote too much")) { try read("/usr/bin/yes", atMost: 1_000_000) }
        #expect(Children.named("yes").isEmpty)
        #expect(try read("/usr/bin/printf", ["12345"], atMost: 5) == "12345")
    }

    @Test("Who fails or is not there is a fault")
    func failures() {
        #expect(throws: ChildProcessError(detail: "it ended with wait status 256")) { try read("/bin/false") }
        #expect(throws: ChildProcessError(detail: "it cannot be started: No such file or directory")) {
            try read("/nowhere/program")
        }
    }
}
