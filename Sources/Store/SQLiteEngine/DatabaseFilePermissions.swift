import Domain
import Glibc

/// Who may read and write the database's files.
///
/// In a folder that a group writes to and whose files belong to that group (mode 2770), the portal and the worker run as
/// two users of it, and every file is for both: mode 0660, for any creator and any umask. Anywhere else the
/// files are their owner's alone.
enum DatabaseFilePermissions {
    /// Makes the file, empty, when it is not there. Never opens one that is: closing it again would drop SQLite's locks.
    static func create(_ path: String) throws {
        let descriptor = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            if errno == EEXIST { return }
            let code = errno
            throw StoreError(
                sentence: "The database's file \(path) cannot be opened: \(String(cString: strerror(code))).",
                detail: "errno \(code)")
        }
        defer { close(descriptor) }
        var folder = stat()
        guard stat(DatabasePath.parts(path).folder, &folder) == 0 else { return }
        let isShared = folder.st_mode & S_ISGID != 0 && folder.st_mode & S_IWGRP != 0
        fchmod(descriptor, isShared ? 0o660 : 0o600)
    }
}
