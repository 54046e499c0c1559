import Cryptography
package import HTTPServer

/// Files that pages refer to. Their addresses carry a digest of their content, so browsers may keep them for ever.
package struct Assets: Sendable {
    private let style: [UInt8]
    private let icon: [UInt8]
    let styleAddress: String
    let iconAddress: String

    init(read: (String) -> String?, _ problems: inout [String]) {
        func load(_ file: String) -> [UInt8] {
            guard let text = read(file) else {
                problems.append("\(file): the file is missing or not UTF-8")
                return []
            }
            return Array(text.utf8)
        }
        style = load("style.css")
        icon = load("icon.svg")
        styleAddress = "/assets/style.css?v=\(Self.version(style))"
        iconAddress = "/assets/icon.svg?v=\(Self.version(icon))"
    }

    /// Adds `GET /assets/…` to a router.
    package func add(to router: inout Router) {
        for (path, type, bytes) in [
            ("/assets/style.css", "text/css; charset=utf-8", style), ("/assets/icon.svg", "image/svg+xml", icon),
        ] {
            router.get(path) { _, _ in
                var response = Response.bytes(bytes, type: type)
                response.set("Cache-Control", "public, max-age=31536000, immutable")
                response.set("X-Content-Type-Options", "nosniff")
                return response
            }
        }
    }

    private static func version(_ bytes: [UInt8]) -> String {
        Base64URL.encode(Array(Digest.sha256(bytes).prefix(9)))
    }
}
