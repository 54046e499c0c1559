import Glibc

/// What went wrong with a test's own connection.
package enum HTTPClientError: Error, Equatable {
    case notConnected(errno: Int32)
    /// The server closed before an answer was complete; holds what had come.
    case closed(after: String)
    case timedOut
    case malformed(String)
}

/// One answer, read to its end.
package struct HTTPAnswer: Sendable {
    package var status: Int
    package var headers: [(name: String, value: String)]
    package var body: [UInt8]

    /// The body as UTF-8.
    package var text: String { String(decoding: body, as: UTF8.self) }

    /// The first value under the name, whatever its case.
    package func header(_ name: String) -> String? { headers(name).first }

    /// Every value under the name, whatever its case.
    package func headers(_ name: String) -> [String] {
        headers.filter { $0.name.lowercased() == name.lowercased() }.map(\.value)
    }
}

/// One blocking connection on which a test sends whatever bytes it likes. Used by one thread at a time.
package final class HTTPConnection {
    private let descriptor: Int32
    private var received: [UInt8] = []

    /// Connects; reading and writing give up after `timeout` seconds.
    package init(port: UInt16, host: String = "127.0.0.1", timeout: Int = 10) throws {
        var hints = addrinfo()
        hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var found: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(host, String(port), &hints, &found) == 0, let info = found?.pointee
        else { throw HTTPClientError.malformed(host) }
        defer { freeaddrinfo(found) }
        descriptor = try Self.open(info.ai_family, timeout)
        guard connect(descriptor, info.ai_addr, info.ai_addrlen) == 0 else {
            throw HTTPClientError.notConnected(errno: errno)
        }
    }

    /// Connects to a Unix socket.
    package init(path: String, timeout: Int = 10) throws {
        var name = sockaddr_un()
        name.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &name.sun_path) { $0.copyBytes(from: path.utf8) }
        let descriptor = try Self.open(AF_UNIX, timeout)
        self.descriptor = descriptor
        let code = withUnsafePointer(to: &name) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard code == 0 else { throw HTTPClientError.notConnected(errno: errno) }
    }

    deinit { close(descriptor) }

    /// Sends all of it, or throws when the server has closed; what it said before that can still be read.
    package func send(_ bytes: some Collection<UInt8>) throws {
        var rest = Array(bytes)[...]
        while !rest.isEmpty {
            let sent = rest.withUnsafeBytes { Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            guard sent > 0 else { throw HTTPClientError.closed(after: "") }
            rest = rest.dropFirst(sent)
        }
    }

    /// Sends text as UTF-8.
    package func send(_ text: String) throws {
        try send(text.utf8)
    }

    /// Says that nothing more will be sent, and keeps reading.
    package func finishSending() {
        shutdown(descriptor, Int32(SHUT_WR))
    }

    /// Reads one answer; an interim one (100) is read as an answer of its own. One to HEAD has no body, whatever its
    /// length says.
    package func readAnswer(isHead: Bool = false) throws -> HTTPAnswer {
        let end = Array("\r\n\r\n".utf8)
        while received.firstIndex(of: end) == nil { try receive() }
        let headEnd = received.firstIndex(of: end) ?? 0
        let lines = String(decoding: received[..<headEnd], as: UTF8.self).split(separator: "\r\n")
        received.removeFirst(headEnd + end.count)
        guard let first = lines.first, first.hasPrefix("HTTP/1.1 "), let status = Int(first.dropFirst(9).prefix(3))
        else { throw HTTPClientError.malformed(lines.first.map(String.init) ?? "") }
        var answer = HTTPAnswer(status: status, headers: [], body: [])
        for line in lines.dropFirst() {
            let halves = line.split(separator: ": ", maxSplits: 1, omittingEmptySubsequences: false)
            guard halves.count == 2 else { throw HTTPClientError.malformed(String(line)) }
            answer.headers.append((String(halves[0]), String(halves[1])))
        }
        let length =
            isHead || status == 204 || status < 200 ? 0 : answer.header("Content-Length").flatMap(Int.init) ?? 0
        while received.count < length { try receive() }
        answer.body = Array(received.prefix(length))
        received.removeFirst(length)
        return answer
    }

    /// Everything until the server closes.
    package func readToEnd() throws -> [UInt8] {
        while true {
            do { try receive() } catch HTTPClientError.closed { break }
        }
        defer { received = [] }
        return received
    }

    /// Whether the server closes without sending anything more; waits for it.
    package func isClosedByServer() throws -> Bool {
        try readToEnd().isEmpty
    }

    /// Whether anything is to be read, a close among it, within so many milliseconds.
    package func isReadable(within milliseconds: Int32) -> Bool {
        var wanted = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        return poll(&wanted, 1, milliseconds) == 1
    }

    private func receive() throws {
        var buffer = [UInt8](repeating: 0, count: 65536)
        let count = recv(descriptor, &buffer, buffer.count, 0)
        guard count >= 0 || errno != EAGAIN else { throw HTTPClientError.timedOut }
        guard count > 0 else { throw HTTPClientError.closed(after: String(decoding: received, as: UTF8.self)) }
        received += buffer[..<count]
    }

    private static func open(_ family: Int32, _ timeout: Int) throws -> Int32 {
        let descriptor = socket(family, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw HTTPClientError.notConnected(errno: errno) }
        var limit = timeval(tv_sec: timeout, tv_usec: 0)
        let size = socklen_t(MemoryLayout<timeval>.size)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, size)
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, size)
        var yes: Int32 = 1
        setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &yes, socklen_t(MemoryLayout<Int32>.size))
        return descriptor
    }
}

extension [UInt8] {
    fileprivate func firstIndex(of pattern: [UInt8]) -> Int? {
        guard count >= pattern.count else { return nil }
        return (0...count - pattern.count).first { self[$0..<$0 + pattern.count].elementsEqual(pattern) }
    }
}
