import Domain
import FoundationEssentials
import Glibc

/// Why a file with a secret cannot be used.
package struct SecretFileError: PresentableError, Equatable {
    package let sentence: String
    package var detail: String { "" }

    package init(sentence: String) { self.sentence = sentence }

    /// What the operating system said last.
    package init(_ path: String, _ trouble: String) {
        sentence = "\(path) \(trouble): \(String(cString: strerror(errno)))"
    }
}

/// Files that hold a secret: readable by their owner alone.
///
/// A service manager may hand them over in a folder of its own (systemd's `LoadCredential=`, `$CREDENTIALS_DIRECTORY`):
/// a file of the same name there takes the place of the configured one, which the service's user then need not read.
package enum SecretFile {
    /// Where a file is in fact read from.
    package static func location(of path: String, credentials: String? = credentialsFolder) -> String {
        guard let credentials else { return path }
        let handed = "\(credentials)/\(path.split(separator: "/").last ?? "")"
        return access(handed, F_OK) == 0 ? handed : path
    }

    private static var credentialsFolder: String? { getenv("CREDENTIALS_DIRECTORY").map { String(cString: $0) } }

    /// The one line of a file, without the line break at its end.
    package static func text(_ path: String) throws(SecretFileError) -> String {
        let lines = try lines(path)
        guard lines.count == 1 else { throw SecretFileError(sentence: "\(path) must hold one line of text") }
        return lines[0]
    }

    /// The lines of a file; none is empty.
    package static func lines(_ path: String) throws(SecretFileError) -> [String] {
        let place = location(of: path)
        var status = stat()
        guard stat(place, &status) == 0 else { throw SecretFileError(place, "cannot be read") }
        // In the service manager's folder the group's bits may be the mask of the ACL that lets the service's user in.
        let forbidden: mode_t = place == path ? 0o077 : 0o037
        guard status.st_mode & forbidden == 0 else {
            let mode = String(status.st_mode & 0o777, radix: 8)
            throw SecretFileError(
                sentence: "\(place) has mode 0\(mode): others can read it. Run: chmod 600 \(place)")
        }
        guard let text = TextFile.read(place) else {
            throw SecretFileError(sentence: "\(place) is not readable text")
        }
        let whole = text.utf8.last == UInt8(ascii: "\n") ? String(text.dropLast()) : text
        let lines = whole.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        guard lines.allSatisfy({ !$0.isEmpty && !$0.utf8.contains { $0 < 0x20 } }) else {
            throw SecretFileError(sentence: "\(place) must hold text without empty lines")
        }
        return lines
    }

    /// Writes a new file of mode 0600; never over an existing one.
    package static func create(_ path: String, lines: [String]) throws(SecretFileError) {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw SecretFileError(path, "cannot be written") }
        defer { close(descriptor) }
        let text = lines.map { $0 + "\n" }.joined()
        _ = text.withCString { write(descriptor, $0, strlen($0)) }
        // What could not be written, on a full disk say, shows here or in the size.
        var status = stat()
        let size = lines.reduce(0) { $0 + $1.utf8.count + 1 }
        guard fsync(descriptor) == 0, fstat(descriptor, &status) == 0, Int(status.st_size) == size else {
            unlink(path)
            throw SecretFileError(path, "cannot be written")
        }
    }

    /// Replaces a file atomically: readers see the old or the new one, also after a crash. Owner and group stay.
    package static func replace(_ path: String, lines: [String]) throws(SecretFileError) {
        let draft = "\(path).new"
        unlink(draft)
        try create(draft, lines: lines)
        var status = stat()
        if stat(path, &status) == 0 { _ = chown(draft, status.st_uid, status.st_gid) }
        guard rename(draft, path) == 0 else {
            let error = SecretFileError(path, "cannot be replaced")
            unlink(draft)
            throw error
        }
        DirectorySync.sync(Paths.parent(of: path))
    }
}

package enum DirectorySync {
    /// Makes what was created, renamed or removed in a folder survive a crash.
    package static func sync(_ path: String) {
        let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { return }
        fsync(descriptor)
        close(descriptor)
    }
}
