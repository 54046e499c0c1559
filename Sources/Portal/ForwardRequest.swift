import Domain
import HTTPServer

/// What a proxy tells of the request that it asks about. The sites that come with us set these headers on every request,
/// so that what a browser sends under their names counts for nothing.
struct ForwardRequest {
    /// What was asked for: path and query.
    let target: String
    let method: String
    /// Whether a person's browser asks for a page with GET and can be sent to log in.
    let isPageLoad: Bool
    /// Whether a sentence for people is of use.
    let wantsPage: Bool

    init(_ request: Request) {
        let headers = request.headers
        func told(_ names: String...) -> String? {
            names.lazy.map { headers.values($0) }.first { !$0.isEmpty }.flatMap { $0.count == 1 ? $0[0] : nil }
        }
        method = told("X-Forwarded-Method", "X-Original-Method") ?? "GET"
        target = told("X-Forwarded-Uri", "X-Original-URI") ?? "/"
        wantsPage = headers["Accept"]?.contains("text/html") ?? false
        let mode = headers["Sec-Fetch-Mode"].map { $0 == "navigate" }
        let isBackground = headers["X-Requested-With"] != nil || headers["Upgrade"] != nil
        isPageLoad = method == "GET" && wantsPage && !isBackground && mode ?? true
    }
}

/// Where a person is sent back to: a path with its query on one host, never another host.
enum ReturnTarget {
    /// What is longer leads to the start page: it must fit into an address twice over.
    static let maximumBytes = 2000

    /// - Parameter text: a path, or an absolute address of this host.
    /// - Returns: path and query; nil for whatever a browser might take for another place.
    static func path(_ text: String, at host: String) -> String? {
        let origin = WebOrigin.ofHost(host.lowercased())
        let bytes = text.utf8
        guard bytes.allSatisfy({ (0x21...0x7E).contains($0) && $0 != UInt8(ascii: "\\") && $0 != UInt8(ascii: "#") })
        else { return nil }
        var path = text
        if bytes.first != UInt8(ascii: "/") {
            guard bytes.starts(with: origin.utf8) else { return nil }
            path = String(decoding: bytes.dropFirst(origin.utf8.count), as: UTF8.self)
            if path.isEmpty || path.hasPrefix("?") { path = "/" + path }
        }
        guard path.hasPrefix("/"), !path.hasPrefix("//") else { return nil }
        return path.utf8.count <= maximumBytes ? path : "/"
    }
}
