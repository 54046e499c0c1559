import Curl
import FoundationEssentials
import Glibc
import HTTPServer
import SQLite

/// What the figures were taken on.
enum Machine {
    /// - Parameter folder: where the databases lie.
    static func facts(_ folder: WorkFolder) -> [(String, String)] {
        let memory = line("MemTotal", of: "/proc/meminfo").flatMap { Double($0.filter(\.isNumber)) } ?? 0
        return [
            ("processor", line("model name", of: "/proc/cpuinfo") ?? "unknown"), ("cores", "\(cores)"),
            ("memory", "\(Int((memory / 1_048_576).rounded())) GiB"),
            ("kernel", text(of: "/proc/sys/kernel/osrelease")), ("file system", fileSystem(of: folder.path)),
        ]
    }

    static func versions(_ folder: WorkFolder) -> [(String, String)] {
        let pulih = (try? Tools.sibling("pulih")).flatMap { Tools.output([$0, "version"], folder) }
        let postfix = Tools.path("postconf").flatMap { Tools.output([$0, "-d", "-h", "mail_version"], folder) }
        return [
            ("Pulih", pulih?.split(separator: " ").last.map(String.init)), ("SQLite", BareInserter.libraryVersion),
            ("libcurl", BareSender.libraryVersion), ("libmicrohttpd", BareServer.libraryVersion),
            ("smtp-sink", postfix),
        ].compactMap { name, version in version.map { (name, $0) } }
    }

    /// The value of a line such as `MemTotal: 24 kB`.
    private static func line(_ name: String, of file: String) -> String? {
        let line = text(of: file).split(separator: "\n").first { $0.hasPrefix(name) }
        return line?.split(separator: ":").dropFirst().first.map { String($0.drop(while: \.isWhitespace)) }
    }

    /// The type of the file system that holds `folder` (proc(5), mounts).
    private static func fileSystem(of folder: String) -> String {
        let mounts = text(of: "/proc/mounts").split(separator: "\n").map { $0.split(separator: " ") }
        let holding = mounts.filter { mount in
            mount.count > 2 && (mount[1] == "/" || folder.hasPrefix(mount[1] + "/"))
        }
        let nearest = holding.max { $0[1].utf8.count < $1[1].utf8.count }
        return nearest.map { "\($0[2]) on \($0[1])" } ?? "unknown"
    }

    private static func text(of file: String) -> String {
        // Files of /proc tell no size, so they are read to their end.
        guard let stream = fopen(file, "r") else { return "" }
        defer { fclose(stream) }
        var bytes = [UInt8](repeating: 0, count: 65_536)
        let count = fread(&bytes, 1, bytes.count, stream)
        var text = String(decoding: bytes.prefix(count), as: UTF8.self)
        while text.last?.isNewline == true { text.removeLast() }
        return text
    }
}
