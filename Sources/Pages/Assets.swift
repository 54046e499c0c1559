import Cryptography
package import HTTPServer

/// Files that pages refer to. Their addresses carry a digest of their content, so browsers may keep them for ever.
package struct Assets: Sendable {
    /// The files, by their names under `templates/`.
    enum File: String, Sendable, CaseIterable {
        case style = "style.css"
        /// What the operations pages add to the style of every page.
        case operationsStyle = "operations.css"
        case icon = "icon.svg"
        case enhancements = "comfort.js"
        /// Keeps a page up to date while it is looked at.
        case live = "live.js"

        fileprivate var type: String {
            switch self {
            case .style, .operationsStyle: "text/css; charset=utf-8"
            case .icon: "image/svg+xml"
            case .enhancements, .live: "text/javascript; charset=utf-8"
            }
        }
    }

    private let contents: [File: [UInt8]]
    private let addresses: [File: String]
    /// The stylesheet itself, for a page that shall need no second request, and its digest for the policy that allows it.
    let styleText: String
    let styleDigest: [UInt8]

    init(read: (String) -> String?, _ problems: inout [String]) {
        var contents: [File: [UInt8]] = [:]
        for file in File.allCases {
            if let text = read(file.rawValue) {
                contents[file] = Array(text.utf8)
            } else {
                problems.append("\(file.rawValue): the file is missing or not UTF-8")
            }
        }
        self.contents = contents
        addresses = contents.reduce(into: [:]) { addresses, entry in
            addresses[entry.key] = "/assets/\(entry.key.rawValue)?v=\(Self.version(entry.value))"
        }
        let style = contents[.style] ?? []
        styleText = String(decoding: style, as: UTF8.self)
        styleDigest = Digest.sha256(style)
    }

    func address(of file: File) -> String { addresses[file] ?? "" }

    /// Adds `GET /assets/…` to a router.
    package func add(to router: inout Router) {
        for (file, bytes) in contents {
            // A picture may be opened by itself, and is a document then; its colours come from a style inside it.
            let inlineStyle = Self.styleDigest(in: bytes)
            router.get("/assets/\(file.rawValue)") { _, _ in
                var response = Response.bytes(bytes, type: file.type)
                response.set("Cache-Control", "public, max-age=31536000, immutable")
                SecurityHeaders.add(to: &response, isSecure: false, inlineStyle: inlineStyle)
                return response
            }
        }
    }

    /// SHA-256 of what is between `<style>` and its end; nil when nothing does.
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
