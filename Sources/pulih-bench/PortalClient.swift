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
    private let address: String
    private var cookies: [String: String] = [:]
    private var received: [UInt8] = []

    init(port: Int, from address: String) throws {
        self.address = address
        descriptor = try connectLoopback(port: port)
    }

    deinit { close(descriptor) }

    func get(_ path: String) throws -> Answer { try exchange("GET \(path) HTTP/1.1\r\n", body: "") }

    /// Posts with the form token of `page`.
    func post(_ path: String, _ fields: [String: String], token page: Answer) throws -> Answer {
        let all = fields.merging(["csrf": page.field("csrf")]) { $1 }
        let body = all.map { "\($0)=\(PercentEncoding.encode($1))" }.joined(separator: "&")
        let type = "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: \(body.utf8.count)\r\n"
        return try exchange("POST \(path) HTTP/1.1\r\n\(type)", body: body)
    }

    private func exchange(_ start: String, body: String) throws -> Answer {
        var text = start + "Host: localhost\r\nX-Forwarded-For: \(address)\r\n"
        if !cookies.isEmpty { text += "Cookie: \(cookies.map { "\($0)=\($1)" }.joined(separator: "; "))\r\n" }
        let bytes = Array((text + "\r\n" + body).utf8)
        guard send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count else {
            throw BenchFailure("the portal has closed the connection")
        }
        let separator = Array("\r\n\r\n".utf8)
        var end: Int?
        while end == nil {
            try receive()
            end = received.indices.first { received[$0...].starts(with: separator) }
        }
        let head = String(decoding: received[..<(end ?? 0)], as: UTF8.self) + "\r"
        received.removeFirst((end ?? 0) + separator.count)
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
        var buffer = [UInt8](repeating: 0, count: 65_536)
        let count = recv(descriptor, &buffer, buffer.count, 0)
        guard count > 0 else { throw BenchFailure("the portal has closed the connection") }
        received += buffer.prefix(count)
    }
}

private func value(after start: String, in text: String, until end: Character) -> String? {
    let (text, start) = (Array(text.utf8), Array(start.utf8))
    guard let index = text.indices.first(where: { text[$0...].starts(with: start) }) else { return nil }
    return String(decoding: text[(index + start.count)...].prefix { $0 != end.asciiValue }, as: UTF8.self)
}
