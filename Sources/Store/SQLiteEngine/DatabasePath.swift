import Glibc

/// Where a database really is. Two processes that name one database differently, one through a symbolic link, must
/// find the same lock file and watch the same log.
enum DatabasePath {
    /// `path` without symbolic links, whether or not the database exists yet.
    static func resolved(_ path: String) -> String {
        if let whole = real(path) { return whole }
        let (folder, name) = parts(path)
        guard let found = real(folder) else { return path }
        return found.hasSuffix("/") ? found + name : "\(found)/\(name)"
    }

    /// The folder and what is in it: `/var/lib` and `pulih.db`.
    static func parts(_ path: String) -> (folder: String, name: String) {
        guard let slash = path.lastIndex(of: "/") else { return (".", path) }
        let folder = slash == path.startIndex ? "/" : String(path[..<slash])
        return (folder, String(path[path.index(after: slash)...]))
    }

    private static func real(_ path: String) -> String? {
        guard let found = realpath(path, nil) else { return nil }
        defer { free(found) }
        return String(cString: found)
    }
}
