import FoundationEssentials
import Glibc

/// A program run beside the benchmark, its output in a file.
final class Child {
    let process: pid_t
    private let output: String

    init(_ arguments: [String], output: String) throws {
        self.output = output
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        for descriptor in [STDOUT_FILENO, STDERR_FILENO] {
            posix_spawn_file_actions_addopen(&actions, descriptor, output, O_WRONLY | O_CREAT | O_APPEND, 0o600)
        }
        var words: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) } + [nil]
        defer { for word in words { free(word) } }
        var process: pid_t = 0
        let code = posix_spawn(&process, arguments[0], &actions, nil, &words, environ)
        guard code == 0 else { throw BenchFailure("\(arguments[0]): \(String(cString: strerror(code)))") }
        self.process = process
    }

    /// Waits until the output holds `text`.
    func wait(for text: String) throws {
        for _ in 0..<20_000 {
            if let data = FileManager.default.contents(atPath: output),
                String(decoding: data, as: UTF8.self).contains(text)
            {
                return
            }
            usleep(1_000)
        }
        throw BenchFailure("\(text) never came")
    }

    /// Waits until it takes connections.
    func answers(on port: Int) throws {
        for _ in 0..<20_000 {
            if (try? PortalClient(port: port, from: "127.0.0.1")) != nil { return }
            usleep(1_000)
        }
        throw BenchFailure("nothing listens on port \(port)")
    }

    /// Waits for its end; throws when it failed.
    func finish() throws {
        var status: Int32 = 0
        waitpid(process, &status, 0)
        guard status == 0 else {
            let output = FileManager.default.contents(atPath: output).map { String(decoding: $0, as: UTF8.self) } ?? ""
            throw BenchFailure("a program failed: \(output)")
        }
    }

    func stop() {
        kill(process, SIGTERM)
        waitpid(process, nil, 0)
    }

    /// A figure of /proc/PID/status in KiB, such as `VmRSS`.
    func memory(_ name: String) -> Int {
        let data = FileManager.default.contents(atPath: "/proc/\(process)/status") ?? Data()
        let line = String(decoding: data, as: UTF8.self).split(separator: "\n").first { $0.hasPrefix("\(name):") }
        return line.flatMap { Int($0.filter { $0.isNumber }) } ?? 0
    }

    /// The program that stands beside this one.
    static func sibling(_ name: String) throws -> String {
        let own = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        let path = own.split(separator: "/").dropLast().reduce("") { "\($0)/\($1)" } + "/\(name)"
        guard FileManager.default.isExecutableFile(atPath: path) else {
            throw BenchFailure("\(path) is missing: swift build -c release")
        }
        return path
    }
}
