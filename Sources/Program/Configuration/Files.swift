import Domain
import FoundationEssentials
import Glibc

enum Paths {
    /// The folder a file is in.
    static func parent(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    /// Relative paths in a configuration are seen from the configuration's folder.
    static func resolve(_ path: String, in folder: String) -> String {
        path.hasPrefix("/") ? path : "\(folder)/\(path)"
    }
}

enum TextFile {
    /// The text of a file; nil when it cannot be read or is not UTF-8.
    static func read(_ path: String) -> String? {
        guard let data = FileManager.default.contents(atPath: path) else { return nil }
        return String(validating: data, as: UTF8.self)
    }
}

/// Why a file with a secret cannot be used.
struct SecretFileFault: Fault, Equatable {
    let sentence: String
    var detail: String { "" }
}

/// Files that hold a secret: readable by their owner alone.
enum SecretFile {
    /// The text of a file, without the line break at its end.
    static func text(_ path: String) throws(SecretFileFault) -> String {
        var status = stat()
        guard stat(path, &status) == 0 else {
            throw SecretFileFault(sentence: "\(path) cannot be read: \(String(cString: strerror(errno)))")
        }
        guard status.st_mode & 0o077 == 0 else {
            let mode = String(status.st_mode & 0o777, radix: 8)
            throw SecretFileFault(
                sentence: "\(path) has mode 0\(mode): others can read it. Run: chmod 600 \(path)")
        }
        guard let text = TextFile.read(path) else {
            throw SecretFileFault(sentence: "\(path) is not readable text")
        }
        let line = text.utf8.last == UInt8(ascii: "\n") ? String(text.dropLast()) : text
        guard !line.isEmpty, !line.utf8.contains(where: { $0 < 0x20 }) else {
            throw SecretFileFault(sentence: "\(path) must hold one line of text")
        }
        return line
    }

    /// Writes a new file of mode 0600; never over an existing one.
    static func create(_ path: String, text: String) throws(SecretFileFault) {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw SecretFileFault(sentence: "\(path) cannot be written: \(String(cString: strerror(errno)))")
        }
        defer { close(descriptor) }
        Console.write(text + "\n", to: descriptor)
        fsync(descriptor)
    }
}
