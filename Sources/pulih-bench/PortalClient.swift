import Domain
import Glibc

/// A browser's bare bones: one connection that is kept, cookies, form tokens, and an address of its own behind the
/// proxy that the benchmark pretends to be.
final class PortalClient {
    struct Answer {
        let status: Int
        let head: String
        let body: String

        var location: String? { value(after: "\r\nLocation: ", in: head, until: "\r") }

        /// A hidden field of the page.
        func field(_ name: String) -> String { value(after: "name=\"\(name)\" value=\"", in: body, until: "\"") ?? "" }
    }

    private let descriptor: Int32
    /// Whose the next request is.
    var address: String
    private var cookies: [String: String] = [:]
    private var received: [UInt8] = []
    private var buffer = [UInt8](repeating: 0, count: 65_536)

    init(port: Int, from address: String) throws {
        self.address = address
        descriptor = try connectLoopback(port: port)
    }

    deinit { close(descriptor) }

    func get(_ path: String) throws -> Answer { try exchange(request("GET \(path) HTTP/1.1\r\n")) }

    /// Posts with the form token of `page`.
    func post(_ path: String, _ fields: [String: String], token page: Answer) throws -> Answer {
        try exchange(request(posting: fields, to: path, token: page))
    }

    /// The request that posts with the form token of `page`, with the cookies that this client has.
    func request(posting fields: [String: String], to path: String, token page: Answer) -> [UInt8] {
        let all = fields.merging(["csrf": page.field("csrf")]) { $1 }
        let body = all.map { "\($0)=\(PercentEncoding.encode($1))" }.joined(separator: "&")
        let type = "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: \(body.utf8.count)\r\n"
        return request("POST \(path) HTTP/1.1\r\n\(type)", body: body)
    }

    private func request(_ start: String, body: String = "") -> [UInt8] {
        var text = start + "Host: localhost\r\nX-Forwarded-For: \(address)\r\n"
        if !cookies.isEmpty { text += "Cookie: \(cookies.map { "\($0)=\($1)" }.joined(separator: "; "))\r\n" }
        return Array((text + "\r\n" + body).utf8)
    }

    private func exchange(_ bytes: [UInt8]) throws -> Answer {
        guard send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count else {
            throw BenchFailure("the portal has closed the connection")
        }
        let separator = "\r\n\r\n"
        var end = received.firstIndex(of: separator)
        while end == nil {
            try receive()
            end = received.firstIndex(of: separator)
        }
        let head = String(decoding: received[..<(end ?? 0)], as: UTF8.self) + "\r"
        received.removeFirst((end ?? 0) + separator.utf8.count)
        let length = value(after: "\r\nContent-Length: ", in: head, until: "\r").flatMap { Int($0) } ?? 0
        while received.count < length { try receive() }
        defer { received.removeFirst(length) }
        for line in head.split(separator: "\r\n") where line.hasPrefix("Set-Cookie: ") {
            let pair = line.dropFirst(12).prefix { $0 != ";" }.split(separator: "=", maxSplits: 1)
            if pair.count == 2 { cookies[String(pair[0])] = String(pair[1]) }
        }
        let status = Int(head.dropFirst(9).prefix(3)) ?? 0
        return Answer(status: status, head: head, body: String(decoding: received.prefix(length), as: UTF8.self))
    }

    private func receive() throws {
        let count = recv(descriptor, &buffer, buffer.count, 0)
        guard count > 0 else { throw BenchFailure("the portal has closed the connection") }
        received += buffer.prefix(count)
    }
}
