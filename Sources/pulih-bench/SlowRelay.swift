import Glibc
import Threading

/// A relay that takes its time over each mail, and notes when it first heard of a recipient.
final class SlowRelay: Sendable {
    private let listener: Int32
    private let pause: useconds_t
    private let recipients = Monitor<[String: ContinuousClock.Instant]>([:])

    /// - Parameter pause: from the end of a mail to the answer, in microseconds.
    init(port: Int, pause: useconds_t) throws {
        listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        self.pause = pause
        var yes: Int32 = 1
        setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(UInt16(port)).bigEndian
        address.sin_addr.s_addr = in_addr_t(0x7f00_0001).bigEndian
        let isBound = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(listener, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
        guard isBound, listen(listener, 100) == 0 else { throw BenchFailure("port \(port) is taken") }
        _ = Thread(name: "relay") { [self] in
            while case let connection = accept(listener, nil, nil), connection >= 0 {
                _ = Thread(name: "relay-session") { [self] in serve(connection) }
            }
        }
    }

    /// Waits until a mail to this address is announced. - Returns: when that was.
    func waitForRecipient(_ address: String) throws -> ContinuousClock.Instant {
        guard let time = recipients.wait(timeout: .seconds(60), { $0[address] }) else {
            throw BenchFailure("no mail to \(address) came")
        }
        return time
    }

    func stop() {
        shutdown(listener, Int32(SHUT_RDWR))
        close(listener)
    }

    private func serve(_ connection: Int32) {
        guard let stream = fdopen(connection, "r") else { return }
        defer { fclose(stream) }
        var (line, size): (UnsafeMutablePointer<CChar>?, Int) = (nil, 0)
        defer { free(line) }
        var isBody = false
        reply("220 relay", connection)
        while getline(&line, &size, stream) > 0, let line {
            let text = String(cString: line).prefix { $0 != "\r\n" }
            if isBody {
                guard text == "." else { continue }
                isBody = false
                usleep(pause)
                reply("250 taken", connection)
                continue
            }
            switch text.prefix(4) {
            case "RCPT":
                let address = String(text.drop { $0 != "<" }.dropFirst().prefix { $0 != ">" })
                let now = ContinuousClock.now
                recipients.withLock { if $0[address] == nil { $0[address] = now } }
                reply("250 known", connection)
            case "DATA":
                isBody = true
                reply("354 go on", connection)
            case "QUIT": return reply("221 bye", connection)
            default: reply("250 relay", connection)
            }
        }
    }

    private func reply(_ text: String, _ connection: Int32) {
        let bytes = Array((text + "\r\n").utf8)
        _ = send(connection, bytes, bytes.count, Int32(MSG_NOSIGNAL))
    }
}
