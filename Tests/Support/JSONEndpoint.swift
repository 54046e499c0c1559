import Glibc

/// Talks JSON over HTTP/1.1 with a server on loopback: one connection a request, blocking.
package struct JSONEndpoint: Sendable {
    package let port: UInt16
    private let timeout: Duration

    /// The server may be silent for `timeout`.
    package init(port: UInt16, timeout: Duration = .seconds(60)) { (self.port, self.timeout) = (port, timeout) }

    /// The status and the body of the answer.
    package func send(_ method: String, _ path: String, _ body: JSON? = nil) throws -> (status: Int, body: JSON) {
        let connection = try Connection(port: port, timeout: timeout)
        let content = try body?.bytes ?? []
        let head = """
            \(method) \(path) HTTP/1.1\r
            Host: 127.0.0.1:\(port)\r
            Connection: close\r
            Content-Type: application/json; charset=utf-8\r
            Content-Length: \(content.count)\r
            \r

            """
        try connection.write(Array(head.utf8) + content)
        let answer = try connection.readAnswer()
        return (answer.status, answer.body.isEmpty ? .null : try JSON(parsing: answer.body))
    }
}

/// One request's connection.
private final class Connection {
    private let socket: Int32
    private var received: [UInt8] = []

    init(port: UInt16, timeout: Duration) throws {
        socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard socket >= 0 else { throw SupportFailure.system("cannot make a socket") }
        let microseconds = Int(timeout / .microseconds(1))
        var limit = timeval(tv_sec: microseconds / 1_000_000, tv_usec: microseconds % 1_000_000)
        setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout.size(ofValue: limit)))
        try LoopbackAddress(port: port).connect(socket)
    }

    deinit { close(socket) }

    func write(_ bytes: [UInt8]) throws {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { bytes in
                Glibc.send(socket, bytes.baseAddress, bytes.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { throw SupportFailure.system("cannot send a request") }
            rest = rest.dropFirst(count)
        }
    }

    /// Reads an answer whose body has a Content-Length, is chunked, or lasts until the end (RFC 9112, section 6.3).
    func readAnswer() throws -> (status: Int, body: [UInt8]) {
        let statusLine = try readLine()
        guard let status = statusLine.split(separator: " ").dropFirst().first.flatMap({ Int($0) }) else {
            throw SupportFailure("no HTTP status line: \(statusLine)")
        }
        var fields: [String: String] = [:]
        while case let line = try readLine(), !line.isEmpty {
            let parts = line.split(separator: ":", maxSplits: 1)
            fields[parts[0].lowercased()] = parts.count > 1 ? String(parts[1].drop { $0 == " " }) : ""
        }
        if fields["transfer-encoding"]?.lowercased() == "chunked" { return (status, try readChunks()) }
        if let length = fields["content-length"].flatMap({ Int($0) }) { return (status, try read(length)) }
        while try receive() {}
        return (status, received)
    }

    private func readChunks() throws -> [UInt8] {
        var body: [UInt8] = []
        while true {
            let size = try readLine().prefix { $0 != ";" && $0 != " " }
            guard let count = Int(size, radix: 16) else { throw SupportFailure("no size of a chunk: \(size)") }
            guard count > 0 else { return body }
            body += try read(count)
            _ = try readLine()
        }
    }

    private func read(_ count: Int) throws -> [UInt8] {
        while received.count < count { try needMore() }
        defer { received.removeFirst(count) }
        return Array(received.prefix(count))
    }

    private func readLine() throws -> String {
        while true {
            if let end = received.firstIndex(of: UInt8(ascii: "\n")) {
                let line = try read(end + 1).dropLast()
                return String(decoding: line.last == UInt8(ascii: "\r") ? line.dropLast() : line, as: UTF8.self)
            }
            try needMore()
        }
    }

    private func needMore() throws {
        guard try receive() else { throw SupportFailure("the answer ended too early") }
    }

    /// Whether anything more came before the end.
    private func receive() throws -> Bool {
        var buffer = [UInt8](repeating: 0, count: 65536)
        let count = recv(socket, &buffer, buffer.count, 0)
        guard count >= 0 else { throw SupportFailure.system("no answer") }
        received += buffer[..<count]
        return count > 0
    }
}
