import Glibc

/// One connection of an application, which costs next to nothing, so that what is measured is the server.
final class APIClient {
    private let connection: LoopbackSocket
    private let key: String
    private var count = 0
    private var buffer = [UInt8](repeating: 0, count: 65_536)

    init(port: Int, key: String) throws {
        self.key = key
        connection = try LoopbackSocket(port: port)
    }

    /// To wait for until it can be read.
    var socketNumber: Int32 { connection.descriptor }

    func begin(_ method: String, _ path: String, json: String = "") throws {
        let content =
            json.isEmpty ? "" : "Content-Type: application/json\r\nContent-Length: \(json.utf8.count)\r\n"
        let request = Array(
            "\(method) \(path) HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer \(key)\r\n\(content)\r\n\(json)"
                .utf8)
        count = 0
        try connection.send(request)
    }

    /// Takes what has come.
    /// - Returns: whether the answer has this text in its head or body; nil while it is not whole.
    func receive(expecting text: String) throws -> Bool? {
        count += try connection.receive(into: &buffer, after: count)
        guard let head = find("\r\n\r\n", in: count), let field = find("Content-Length: ", in: head) else { return nil }
        var length = 0
        for byte in buffer[(field + 16)...] {
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { break }
            length = length * 10 + Int(byte - UInt8(ascii: "0"))
        }
        return count >= head + 4 + length ? find(text, in: count) != nil : nil
    }

    private func find(_ text: String, in count: Int) -> Int? {
        var text = text
        return buffer.withUnsafeBytes { bytes in
            text.withUTF8 { text in
                guard let start = bytes.baseAddress, let wanted = text.baseAddress, count >= text.count else {
                    return nil
                }
                return (0...(count - text.count)).first { memcmp(start + $0, wanted, text.count) == 0 }
            }
        }
    }
}
