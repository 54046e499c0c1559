import Glibc

/// One connection to a server on this machine, which costs next to nothing, so that what is measured is the server.
final class LoopbackClient {
    private let descriptor: Int32
    private var count = 0
    private var buffer = [UInt8](repeating: 0, count: 65_536)

    init(port: Int) throws {
        descriptor = try connectLoopback(port: port)
    }

    deinit { close(descriptor) }

    /// To wait for until it can be read.
    var socketNumber: Int32 { descriptor }

    /// A request, made before the clock runs.
    /// - Parameter headers: lines that end with CRLF.
    static func request(
        _ method: String, _ path: String, headers: String, body: String = "", type: String = "application/json"
    ) -> [UInt8] {
        let content = body.isEmpty ? "" : "Content-Type: \(type)\r\nContent-Length: \(body.utf8.count)\r\n"
        return Array("\(method) \(path) HTTP/1.1\r\n\(headers)\(content)\r\n\(body)".utf8)
    }

    /// So many requests that ask for nothing.
    static func plainRequests(_ count: Int) -> [[UInt8]] {
        Array(repeating: request("GET", "/", headers: "Host: localhost\r\n"), count: count)
    }

    /// - Parameter request: all of it.
    func begin(_ request: [UInt8]) throws {
        count = 0
        guard send(descriptor, request, request.count, Int32(MSG_NOSIGNAL)) == request.count else {
            throw BenchFailure("the server has closed the connection")
        }
    }

    /// Takes what has come.
    /// - Returns: whether the answer has this text in its head or body; nil while it is not whole.
    func receive(expecting text: String) throws -> Bool? {
        let more = recv(descriptor, &buffer[count], buffer.count - count, 0)
        guard more > 0 else { throw BenchFailure("the server has closed the connection") }
        count += more
        guard let head = buffer.firstIndex(of: "\r\n\r\n", within: count),
            let field = buffer.firstIndex(of: "Content-Length: ", within: head)
        else { return nil }
        var length = 0
        for byte in buffer[(field + 16)...] {
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { break }
            length = length * 10 + Int(byte - UInt8(ascii: "0"))
        }
        return count >= head + 4 + length ? buffer.firstIndex(of: text, within: count) != nil : nil
    }
}
