import Foundation

/// One connection of a scripted relay, run by a thread of its own.
// Unchecked, but safe: after `init` only the thread that calls `run` touches it.
final class RelaySession: @unchecked Sendable {
    private let socket: Int32
    private let connection: Int
    private let greeting: [String]
    private let script: ScriptedRelay.Script
    private let journal: RelayJournal
    private var unread: [UInt8] = []
    private var counts: [String: Int] = [:]
    private var isSilent = false
    private var lastReplyWas354 = false

    init(
        _ socket: Int32, _ connection: Int, _ greeting: [String], _ script: @escaping ScriptedRelay.Script,
        _ journal: RelayJournal
    ) {
        self.socket = socket
        self.connection = connection
        self.greeting = greeting
        self.script = script
        self.journal = journal
    }

    func run() {
        defer { journal.closing(socket) }
        // Each reply leaves at once: Nagle's algorithm would hold the second back for 40 ms.
        var yes: Int32 = 1
        setsockopt(socket, Int32(IPPROTO_TCP), TCP_NODELAY, &yes, socklen_t(MemoryLayout.size(ofValue: yes)))
        guard act(on: "CONNECT", "") else { return }
        while let line = readLine() {
            journal.note(command: line)
            let verb = line.prefix { $0 != " " && $0 != ":" }.uppercased()
            guard act(on: verb, line) else { return }
            if verb == "DATA" && lastReplyWas354 {
                guard let body = readBody() else { return }
                journal.note(message: body)
                guard act(on: ".", ".") else { return }
            }
        }
    }

    /// False when the connection is over.
    private func act(on verb: String, _ line: String) -> Bool {
        guard !isSilent else { return true }
        let count = counts[verb, default: 0]
        counts[verb] = count + 1
        let moment = ScriptedRelay.Moment(connection: connection, verb: verb, count: count, line: line)
        lastReplyWas354 = false
        return (script(moment) ?? willingAnswer(verb)).allSatisfy(perform)
    }

    private func willingAnswer(_ verb: String) -> [ScriptedRelay.Act] {
        switch verb {
        case "CONNECT": [.say("220 scripted ESMTP")]
        case "EHLO":
            greeting.enumerated().map { .say("250\($0.offset == greeting.count - 1 ? " " : "-")\($0.element)") }
        case "DATA": [.say("354 go on")]
        case "QUIT": [.say("221 bye"), .close]
        case "MAIL", "RCPT", "NOOP", "RSET", "HELO", ".": [.say("250 2.0.0 ok")]
        default: [.say("502 5.5.2 not known")]
        }
    }

    private func perform(_ act: ScriptedRelay.Act) -> Bool {
        switch act {
        case .say(let line): return write("\(line)\r\n")
        case .raw(let bytes): return write(bytes)
        case .drip(let bytes, let seconds):
            for byte in bytes.utf8 {
                Thread.sleep(forTimeInterval: seconds)
                guard write(String(decoding: [byte], as: UTF8.self)) else { return false }
            }
            return true
        case .flood(let line):
            while write("\(line)\r\n") {}
            return false
        case .close: return false
        case .reset:
            var linger = linger(l_onoff: 1, l_linger: 0)
            setsockopt(socket, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout.size(ofValue: linger)))
            return false
        case .swallow(let count):
            while unread.count < count {
                guard readMore() else { return false }
            }
            unread = []
            return true
        case .fallSilent:
            isSilent = true
            return true
        case .freeze:
            journal.waitForEnd()
            return false
        }
    }

    private func write(_ text: String) -> Bool {
        lastReplyWas354 = text.hasPrefix("354")
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            guard count > 0 else { return false }
            rest = rest.dropFirst(count)
        }
        return true
    }

    /// A line without its line end, which may be LF alone; nil at the end of the connection.
    private func readLine() -> String? {
        while true {
            if let end = unread.firstIndex(of: 0x0A) {
                let line = unread[..<end]
                unread.removeSubrange(...end)
                return String(decoding: line.last == 0x0D ? line.dropLast() : line, as: UTF8.self)
            }
            guard readMore() else { return nil }
        }
    }

    /// Up to CR LF . CR LF, which is left out but for the first line end.
    private func readBody() -> String? {
        let end = Array("\r\n.\r\n".utf8)
        var searched = 0
        while true {
            if let found = unread[searched...].firstRange(of: end) {
                let body = unread[..<(found.lowerBound + 2)]
                unread.removeSubrange(..<found.upperBound)
                return String(decoding: body, as: UTF8.self)
            }
            searched = max(0, unread.count - end.count)
            guard readMore() else { return nil }
        }
    }

    private func readMore() -> Bool {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        let count = recv(socket, &buffer, buffer.count, 0)
        guard count > 0 else { return false }
        unread += buffer[..<count]
        return true
    }
}
