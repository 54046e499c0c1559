/// A browser's bare bones over plain HTTP on loopback: one connection kept while the server keeps it, cookies kept in a
/// jar (Secure ones too, since there is no TLS here to send them over), redirects left to the test to follow.
/// Used by one thread at a time.
package final class HTTPClient {
    /// Cookies by name; a test may put in its own.
    package var cookies: [String: String] = [:]
    private let port: UInt16
    private let host: String
    private var connection: HTTPConnection?

    /// Connects with the first request.
    package init(port: UInt16, host: String = "127.0.0.1") {
        self.port = port
        self.host = host
    }

    /// Asks with GET.
    package func get(_ target: String, headers: [(String, String)] = []) throws -> HTTPAnswer {
        try exchange("GET", target, headers)
    }

    /// Asks with HEAD; the answer has no body.
    package func head(_ target: String, headers: [(String, String)] = []) throws -> HTTPAnswer {
        try exchange("HEAD", target, headers)
    }

    /// Asks with DELETE.
    package func delete(_ target: String, headers: [(String, String)] = []) throws -> HTTPAnswer {
        try exchange("DELETE", target, headers)
    }

    /// Posts a form as a browser does; the same name may come twice.
    package func post(
        _ target: String, form: [(String, String)], headers: [(String, String)] = []
    ) throws -> HTTPAnswer {
        let body = form.map { "\(Self.encode($0))=\(Self.encode($1))" }.joined(separator: "&")
        return try post(target, type: "application/x-www-form-urlencoded", body: Array(body.utf8), headers: headers)
    }

    /// Posts any body.
    package func post(
        _ target: String, type: String, body: [UInt8], headers: [(String, String)] = []
    ) throws -> HTTPAnswer {
        try exchange("POST", target, headers + [("Content-Type", type), ("Content-Length", String(body.count))], body)
    }

    private func exchange(
        _ method: String, _ target: String, _ headers: [(String, String)], _ body: [UInt8] = []
    ) throws -> HTTPAnswer {
        var head = "\(method) \(target) HTTP/1.1\r\n"
        if !headers.contains(where: { $0.0.lowercased() == "host" }) { head += "Host: \(host):\(port)\r\n" }
        if !cookies.isEmpty {
            let pairs = cookies.map { "\($0)=\($1)" }.sorted().joined(separator: "; ")
            head += "Cookie: \(pairs)\r\n"
        }
        for (name, value) in headers { head += "\(name): \(value)\r\n" }
        let message = Array((head + "\r\n").utf8) + body

        let answer = try send(message, isHead: method == "HEAD")
        if answer.header("Connection")?.lowercased() == "close" { connection = nil }
        for cookie in answer.headers("Set-Cookie") { keep(cookie) }
        return answer
    }

    /// Sends on the connection at hand, or on a new one when the server has closed it meanwhile.
    private func send(_ message: [UInt8], isHead: Bool) throws -> HTTPAnswer {
        if let connection {
            do {
                try connection.send(message)
                return try connection.readAnswer(isHead: isHead)
            } catch HTTPClientError.closed(after: "") {}
        }
        let fresh = try HTTPConnection(port: port, host: host)
        connection = fresh
        // An answer can come before the whole message is out, and the way be shut behind it.
        try? fresh.send(message)
        return try fresh.readAnswer(isHead: isHead)
    }

    private func keep(_ cookie: String) {
        let pieces = cookie.split(separator: ";").map { $0.drop { $0 == " " } }
        guard let pair = pieces.first, let equals = pair.firstIndex(of: "=") else { return }
        let isRemoval = pieces.contains { $0.lowercased() == "max-age=0" }
        cookies[String(pair[..<equals])] = isRemoval ? nil : String(pair[pair.index(after: equals)...])
    }

    /// Percent-encodes everything but letters, digits and `-._`; a space becomes a plus.
    package static func encode(_ text: String) -> String {
        text.utf8.map { byte in
            switch UInt8(byte) {
            case UInt8(ascii: " "): "+"
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
                UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"):
                String(UnicodeScalar(byte))
            default: "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
            }
        }.joined()
    }
}
