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
}

/// How long a file is; 0 when there is none.
func fileSize(_ path: String) -> Int {
    var status = stat()
    return stat(path, &status) == 0 ? Int(status.st_size) : 0
}
