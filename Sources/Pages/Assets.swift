import Cryptography
package import HTTPServer

/// Files that pages refer to. Their addresses carry a digest of their content, so browsers may keep them for ever.
package struct Assets: Sendable {
    private let style: [UInt8]
    private let icon: [UInt8]
    private let script: [UInt8]
    let styleAddress: String
    let iconAddress: String
    let scriptAddress: String
    /// The stylesheet itself, for a page that shall need no second request, and its digest for the policy that allows it.
    var styleText: String { String(decoding: style, as: UTF8.self) }
    let styleDigest: [UInt8]

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
        script = load("comfort.js")
        styleDigest = Digest.sha256(style)
        scriptAddress = "/assets/comfort.js?v=\(Self.version(script))"
        styleAddress = "/assets/style.css?v=\(Self.version(style))"
        iconAddress = "/assets/icon.svg?v=\(Self.version(icon))"
    }

    /// Adds `GET /assets/…` to a router.
    package func add(to router: inout Router) {
        for (path, type, bytes) in [
            ("/assets/style.css", "text/css; charset=utf-8", style), ("/assets/icon.svg", "image/svg+xml", icon),
            ("/assets/comfort.js", "text/javascript; charset=utf-8", script),
        ] {
            // A picture may be opened by itself, and is a document then; its colours come from a style inside it.
            let inlineStyle = Self.styleDigest(in: bytes)
            router.get(path) { _, _ in
                var response = Response.bytes(bytes, type: type)
                response.set("Cache-Control", "public, max-age=31536000, immutable")
                SecurityHeaders.add(to: &response, isSecure: false, inlineStyle: inlineStyle)
                return response
            }
        }
    }

    /// SHA-256 of what stands between `<style>` and its end; nil when nothing does.
    private static func styleDigest(in file: [UInt8]) -> [UInt8]? {
        guard let start = file.firstRange(of: Array("<style>".utf8))?.upperBound,
            let end = file[start...].firstRange(of: Array("</style>".utf8))?.lowerBound
        else { return nil }
        return Digest.sha256(Array(file[start..<end]))
    }

    private static func version(_ bytes: [UInt8]) -> String {
        Base64URL.encode(Array(Digest.sha256(bytes).prefix(9)))
    }
}
