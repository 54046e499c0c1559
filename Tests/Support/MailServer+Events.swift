import Foundation
import Threading

extension MailServer {
    /// A message whose whole body reached the server.
    package struct Message: Sendable, Equatable, Decodable {
        /// The file that holds it as it came, the dots of the protocol removed.
        package let path: String
        /// The envelope's.
        package let sender: String
        package let recipients: [String]
        /// Whether it came over TLS.
        package let secured: Bool
        /// Who authenticated, if anyone did.
        package let user: String?
        package let bytes: Int
        /// What the server replied, or will once a delay is over; `disconnect` if it drops the connection instead.
        package let answer: String
        /// Counted from 1 since the server's last start; equal numbers mean one connection.
        package let connection: Int

        package var isAccepted: Bool { answer.hasPrefix("250") }

        /// The message taken apart; fails on any defect.
        package func parsed() throws -> ReceivedMail { try ReceivedMail(path: path) }
    }

    /// An answer other than success, by a rule or to a wrong login.
    package struct Refusal: Sendable, Equatable, Decodable {
        package let stage: Rule.Stage
        package let answer: String
        package let connection: Int
    }

    /// One line that `server.py` writes to its log.
    struct Event: Sendable {
        enum Kind: String, Decodable { case listening, connection, refusal, message }

        let kind: Kind
        let message: Message?
        let refusal: Refusal?

        init?(_ line: Data) {
            struct Head: Decodable { let event: Kind }
            let decoder = JSONDecoder()
            guard let head = try? decoder.decode(Head.self, from: line) else { return nil }
            kind = head.event
            message = kind == .message ? try? decoder.decode(Message.self, from: line) : nil
            refusal = kind == .refusal ? try? decoder.decode(Refusal.self, from: line) : nil
        }
    }

    /// The events so far.
    ///
    /// The server writes an event down before it answers its client, so a test that has seen the client's end finds
    /// what came before it here; the server's output is only a bell for those who wait.
    struct Log: Sendable {
        let path: String
        private(set) var events: [Event] = []
        private var offset: UInt64 = 0

        init(path: String) { self.path = path }

        /// Takes in the lines that were added to the log.
        mutating func readOn() {
            guard let file = FileHandle(forReadingAtPath: path), (try? file.seek(toOffset: offset)) != nil,
                let added = try? file.readToEnd(), let end = added.lastIndex(of: UInt8(ascii: "\n"))
            else { return }
            let lines = added[...end]
            offset += UInt64(lines.count)
            events += lines.split(separator: UInt8(ascii: "\n")).compactMap { Event($0) }
        }
    }

    private var events: [Event] {
        log.withLock { log in
            log.readOn()
            return log.events
        }
    }

    /// All messages whose bodies arrived, accepted or not, oldest first.
    package var messages: [Message] { events.compactMap(\.message) }

    package var refusals: [Refusal] { events.compactMap(\.refusal) }

    /// How many connections were made since the server was made.
    package var connectionCount: Int { events.count { $0.kind == .connection } }

    /// The first message, arrived already or still to come, that satisfies `condition`.
    ///
    /// It is told before the server answers the client. By default any accepted message will do.
    @discardableResult
    package func waitForMessage(
        timeout: Duration = .seconds(10), where condition: (Message) throws -> Bool = \.isAccepted
    ) throws -> Message {
        try waitForMessages(1, timeout: timeout, where: condition)[0]
    }

    /// The first `count` messages that satisfy `condition`, as soon as there are so many.
    @discardableResult
    package func waitForMessages(
        _ count: Int, timeout: Duration = .seconds(10), where condition: (Message) throws -> Bool = \.isAccepted
    ) throws -> [Message] {
        let found = try log.wait(timeout: timeout) { log -> [Message]? in
            let fitting = try log.events.compactMap(\.message).filter(condition)
            return fitting.count >= count ? Array(fitting.prefix(count)) : nil
        }
        guard let found else {
            throw SupportFailure("not \(count) such message(s) within \(timeout); \(summary)")
        }
        return found
    }

    /// The first refusal, given already or still to come, that satisfies `condition`; any by default.
    @discardableResult
    package func waitForRefusal(
        timeout: Duration = .seconds(10), where condition: (Refusal) throws -> Bool = { _ in true }
    ) throws -> Refusal {
        let found = try log.wait(timeout: timeout) { log in try log.events.compactMap(\.refusal).first(where: condition)
        }
        guard let found else { throw SupportFailure("no such refusal within \(timeout); \(summary)") }
        return found
    }

    /// What has happened so far, for failures.
    private var summary: String {
        let arrived = messages.map { "to \($0.recipients.joined(separator: ", ")), answered \($0.answer)" }
        let refused = refusals.map { "at \($0.stage.rawValue): \($0.answer)" }
        return "\(connectionCount) connections; messages: \(arrived); refusals: \(refused)"
    }
}
