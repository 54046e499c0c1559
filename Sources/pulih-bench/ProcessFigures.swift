import FoundationEssentials
import Glibc

extension Child {
    /// MiB of memory that it holds now.
    var residentMemory: Double {
        let data = FileManager.default.contents(atPath: "/proc/\(process)/status") ?? Data()
        let line = String(decoding: data, as: UTF8.self).split(separator: "\n").first { $0.hasPrefix("VmRSS:") }
        return (line.flatMap { Double($0.filter(\.isNumber)) } ?? .nan) / 1024
    }

    /// How many files and sockets it has open.
    var descriptors: Int {
        (try? FileManager.default.contentsOfDirectory(atPath: "/proc/\(process)/fd").count) ?? 0
    }

    /// Seconds of a CPU that it has used so far.
    var processorTime: Double { processTime(process) }

    /// The same of it and its children, those that have ended among them.
    var familyProcessorTime: Double {
        let words = { [process] (file: String) in
            let data = FileManager.default.contents(atPath: "/proc/\(process)/\(file)") ?? Data()
            return String(decoding: data, as: UTF8.self).split(separator: " ")
        }
        let alive = words("task/\(process)/children").compactMap { pid_t($0) }.map(processTime).filter { !$0.isNaN }
        // proc(5): ticks in user mode and in the kernel are the 16th and 17th.
        let ended = words("stat").dropFirst(15).prefix(2).compactMap { Double($0) }.reduce(0, +)
        return processorTime + alive.reduce(0, +) + ended / Double(sysconf(Int32(_SC_CLK_TCK)))
    }
}

/// How long a file is; 0 when there is none.
func fileSize(_ path: String) -> Int {
    var status = stat()
    return stat(path, &status) == 0 ? Int(status.st_size) : 0
}
