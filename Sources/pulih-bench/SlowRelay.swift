import Glibc
import Threading

/// A relay that takes its time over each mail, and notes when it first heard of a recipient, and the last mail.
final class SlowRelay: Sendable {
    let port: Int
    private let listener: Int32
    private let pause: useconds_t
    private let recipients = Monitor<[String: ContinuousClock.Instant]>([:])
    private let lastMail = Monitor<[UInt8]?>(nil)

    /// - Parameter pause: from the end of a mail to the answer, in microseconds.
    init(pause: useconds_t) throws {
        port = try Ports.free()
        listener = try listenLoopback(port: port)
        self.pause = pause
        _ = Thread(name: "relay") { [self] in
            while case let connection = accept(listener, nil, nil), connection >= 0 {
                var yes: Int32 = 1
                setsockopt(connection, Int32(IPPROTO_TCP), TCP_NODELAY, &yes, socklen_t(MemoryLayout<Int32>.size))
                _ = Thread(name: "relay-session") { [self] in serve(connection) }
            }
        }
    }

    /// Waits until a mail to this address is announced.
    /// - Returns: when that was.
    func waitForRecipient(_ address: String) throws -> ContinuousClock.Instant {
        guard let time = recipients.wait(timeout: .seconds(60), { $0[address] }) else {
            throw BenchFailure("no mail to \(address) came")
        }
        return time
    }

    /// Waits for a mail.
    /// - Returns: headers and body as they came, without the doubled dots and the dot at the end.
    func waitForMail() throws -> [UInt8] {
        guard let mail = lastMail.wait(timeout: .seconds(60), { $0 }) else { throw BenchFailure("no mail came") }
        return mail
    }

    /// Forgets whom mails were for.
    func forget() { recipients.withLock { $0 = [:] } }

    func stop() {
        shutdown(listener, Int32(SHUT_RDWR))
        close(listener)
    }

    private func serve(_ connection: Int32) {
        defer { close(connection) }
        var session = SMTPInput(connection)
        reply("220 relay", connection)
        while let line = session.line() {
            switch line.prefix(4).uppercased() {
            case "RCPT":
                let address = String(line.drop { $0 != "<" }.dropFirst().prefix { $0 != ">" })
                let now = ContinuousClock.now
                recipients.withLock { if $0[address] == nil { $0[address] = now } }
                reply("250 known", connection)
            case "DATA":
                reply("354 go on", connection)
                guard let mail = session.mail() else { return }
                if pause > 0 { usleep(pause) }
                lastMail.withLock { $0 = mail }
                reply("250 taken", connection)
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

/// What a client of SMTP sends, line by line and mail by mail.
private struct SMTPInput {
    private let connection: Int32
    private var bytes: [UInt8] = []
    private var buffer = [UInt8](repeating: 0, count: 65_536)

    init(_ connection: Int32) { self.connection = connection }

    /// - Returns: without its end; nil when the client has gone.
    mutating func line() -> String? { take(until: "\r\n").map { String(decoding: $0, as: UTF8.self) } }

    mutating func mail() -> [UInt8]? { take(until: "\r\n.\r\n").map { Self.withoutDoubledDots($0 + [13, 10]) } }

    private mutating func take(until end: String) -> [UInt8]? {
        while true {
            if let index = bytes.firstIndex(of: end) {
                defer { bytes.removeFirst(index + end.utf8.count) }
                return Array(bytes[..<index])
            }
            let count = recv(connection, &buffer, buffer.count, 0)
            guard count > 0 else { return nil }
            bytes += buffer[..<count]
        }
    }

    /// RFC 5321, section 4.5.2.
    private static func withoutDoubledDots(_ mail: [UInt8]) -> [UInt8] {
        guard mail.firstIndex(of: "\r\n.") != nil else { return mail }
        return mail.indices.filter { $0 < 2 || mail[$0 - 2...$0] != [13, 10, 46] }.map { mail[$0] }
    }
}
