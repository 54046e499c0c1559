import Domain
import FoundationEssentials

package enum Paths {
    /// The folder a file is in.
    package static func parent(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    /// Relative paths in a configuration are seen from the configuration's folder.
    package static func resolve(_ path: String, in folder: String) -> String {
        path.hasPrefix("/") ? path : "\(folder)/\(path)"
    }
}

package enum TextFile {
    /// The text of a file; nil when it cannot be read or is not UTF-8.
    package static func read(_ path: String) -> String? {
        guard let data = FileManager.default.contents(atPath: path) else { return nil }
        return String(validating: data, as: UTF8.self)
    }
}
