/// The methods this server's routes know; every other is answered 405.
package enum Method: Sendable, Equatable {
    case get, head, post, put, delete
    case other(String)

    /// From the request line; methods are case-sensitive.
    package init(_ name: String) {
        switch name {
        case "GET": self = .get
        case "HEAD": self = .head
        case "POST": self = .post
        case "PUT": self = .put
        case "DELETE": self = .delete
        default: self = .other(name)
        }
    }
}

/// One request, complete and checked.
package struct Request: Sendable {
    /// GET, HEAD, POST, PUT, DELETE or another.
    package let method: Method
    /// As the client sent it, escapes and all, without the query.
    package let path: String
    /// The query.
    package let query: Fields
    /// The header fields as they came.
    package let headers: Headers
    /// The bytes after the head; never more than the configuration allows.
    package internal(set) var body: [UInt8]
    /// The client, as far as trusted proxies tell; nil when it came over a Unix socket without saying who it is.
    package let client: IPAddress?

    /// Reads an origin-form target (RFC 9112 section 3.2.1), the only form this server takes.
    package init(
        method: Method, target: String, headers: Headers = Headers(), body: [UInt8] = [], client: IPAddress? = nil
    ) throws(RequestError) {
        try self.init(method: method, target: Array(target.utf8), headers: headers, body: body, client: client)
    }

    init(
        method: Method, target bytes: [UInt8], headers: Headers, body: [UInt8] = [], client: IPAddress?
    ) throws(RequestError) {
        guard bytes.first == UInt8(ascii: "/"), bytes.allSatisfy({ $0.isVisible && $0 != UInt8(ascii: "#") })
        else { throw .malformedTarget }
        let questionMark = bytes.firstIndex(of: UInt8(ascii: "?")) ?? bytes.endIndex
        let path = bytes[..<questionMark]
        self.method = method
        self.path = String(decoding: path, as: UTF8.self)
        // What has no escapes decodes to itself.
        if path.contains(UInt8(ascii: "%")) { _ = try Self.segments(of: path) }
        query = try Fields(encoded: bytes[questionMark...].dropFirst(), limits: FieldLimits())
        self.headers = headers
        self.body = body
        self.client = client
    }

    /// The path's pieces between slashes, decoded; `/a/b%2Fc` is `["a", "b/c"]`, `/` is `[""]`.
    // Whether they can be decoded was tried when the request was read.
    package var segments: [String] { (try? Self.segments(of: Array(path.utf8)[...])) ?? [] }

    /// The client's address as text, for the audit trail; "local" when it is not known.
    package var peerAddress: String { client?.description ?? "local" }

    /// What rate limits count by: an IPv4 address, or the /64 that one IPv6 customer has whole.
    package var addressKey: String { client?.limitKey ?? "local" }

    /// The cookies sent along; a name that comes twice is there twice.
    package var cookies: Fields { Fields(cookies: headers.values("cookie")) }

    /// The one cookie of this name; nil when there is none, or several, so that none is picked by chance.
    package func cookie(_ name: String) -> String? {
        var found: [String] = []
        headers.eachValue("cookie") { value in
            var start = value.startIndex
            while start < value.endIndex {
                let end = value[start...].firstIndex(of: UInt8(ascii: ";")) ?? value.endIndex
                let pair = value[start..<end].trimmed
                start = end + 1
                guard pair.count > name.utf8.count, pair.starts(with: name.utf8),
                    pair[pair.startIndex + name.utf8.count] == UInt8(ascii: "=")
                else { continue }
                found.append(String(decoding: pair.dropFirst(name.utf8.count + 1), as: UTF8.self))
            }
        }
        return found.count == 1 ? found[0] : nil
    }

    /// Reads the body as a form.
    /// - Throws: `unsupportedForm` for another content type, `malformedEncoding`, `tooManyFields`, `fieldTooLong`.
    package func form(limits: FieldLimits = FieldLimits()) throws(RequestError) -> Fields {
        let type = (headers["content-type"] ?? "").utf8.prefix { $0 != UInt8(ascii: ";") }.trimmed
        guard let type = String(type), sameIgnoringCase(type, "application/x-www-form-urlencoded")
        else { throw .unsupportedForm }
        return try Fields(encoded: body[...], limits: limits)
    }

    private static func segments(of path: ArraySlice<UInt8>) throws(RequestError) -> [String] {
        var segments: [String] = []
        for piece in path.dropFirst().split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false) {
            let segment = try PercentEncoding.decode(piece, plusIsSpace: false)
            guard segment.utf8.allSatisfy(\.isHeaderText) else { throw .malformedEncoding }
            segments.append(segment)
        }
        return segments
    }
}
