/// Paths of an application's requests, as bytes. What servers may read in two ways counts as none of those that need no
/// login.
package enum RequestPath {
    /// Whether every server takes a path for what it says: no escapes, no backslashes, no empty or dotted pieces but an
    /// empty last one.
    package static func isPlain(_ path: String) -> Bool {
        guard path.utf8.first == UInt8(ascii: "/"),
            path.utf8.allSatisfy({ (0x21...0x7E).contains($0) && !"%\\?#;".utf8.contains($0) })
        else { return false }
        let pieces = path.dropFirst().split(separator: "/", omittingEmptySubsequences: false)
        return !pieces.contains("..") && !pieces.contains(".") && !pieces.dropLast().contains("")
    }

    /// Whether a request goes to one of these paths, or below it.
    /// - Parameter target: of the request, with its query.
    package static func isCovered(_ target: String, by paths: [String]) -> Bool {
        guard !paths.isEmpty else { return false }
        let path = String(target.prefix { $0 != "?" })
        guard isPlain(path) else { return false }
        return paths.contains { covering in
            path == covering || path.utf8.starts(with: (covering.hasSuffix("/") ? covering : "\(covering)/").utf8)
        }
    }
}
