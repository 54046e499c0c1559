import Cryptography

/// An audit event as it is kept: with its number and the hash that ties it to all events before it.
package struct AuditRecord: Sendable, Equatable {
    package let number: Int64
    /// A name that a later version wrote is kept as it is.
    package let name: String
    package let at: Instant
    package let actor: String
    package let subject: String
    package let address: String?
    package let detail: String
    /// Nil for events from before there was a chain; the first hash after them covers them too.
    package let hash: [UInt8]?

    package init(
        number: Int64, name: String, at: Instant, actor: String, subject: String, address: String?, detail: String,
        hash: [UInt8]?
    ) {
        self.number = number
        self.name = name
        self.at = at
        self.actor = actor
        self.subject = subject
        self.address = address
        self.detail = detail
        self.hash = hash
    }
}

/// Which audit events to list, newest first.
package struct AuditFilter: Sendable, Equatable {
    package var subject: String?
    package var actor: String?
    package var name: String?
    package var since: Instant?
    /// Only events with a smaller number: the next page.
    package var before: Int64?

    package init() {}

    /// The same filter with User IDs as they are stored: people name an account without regard to case.
    package func resolved(in transaction: any AccountReader) throws -> AuditFilter {
        func stored(_ typed: String) throws -> String {
            try transaction.account(userID: typed)?.userID ?? CanonicalText.trimmed(typed)
        }
        var filter = self
        filter.subject = try subject.map(stored)
        filter.actor = try actor.map(stored)
        return filter
    }
}

/// The chain over the audit log: each event's hash is SHA-256 over the hash before it and everything the event says, so
/// that no event can be changed, taken out or put in between without breaking every hash after it. Somebody who may write
/// to the database could make all hashes anew; the head that is logged daily, outside the database, shows that.
package enum AuditChain {
    /// What the first event is tied to.
    package static let start = [UInt8](repeating: 0, count: 32)

    /// A hash as people compare it: 64 hexadecimal digits.
    package static func text(_ hash: [UInt8]) -> String {
        hash.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    package static func hash(_ record: AuditRecord, after previous: [UInt8]) -> [UInt8] {
        let fields = [
            String(record.number), String(record.at.milliseconds), record.name, record.actor, record.subject,
            record.detail,
        ]
        var bytes = previous
        // As netstrings, so that no text can pass for the end of one field and the beginning of the next. An address that is
        // not there is told apart from an empty one by the number of fields.
        for field in fields + [record.address].compactMap({ $0 }) {
            bytes += String(field.utf8.count).utf8
            bytes.append(UInt8(ascii: ":"))
            bytes += field.utf8
            bytes.append(UInt8(ascii: ","))
        }
        return Digest.sha256(bytes)
    }

    /// Walks over the log and finds where it is broken.
    package struct Verifier: Sendable {
        package enum LinkStatus: Sendable, Equatable {
            case intact
            /// The event with this number does not fit what stands before it.
            case broken(at: Int64)
        }

        package private(set) var head = AuditChain.start
        package private(set) var count = 0
        package private(set) var last: AuditRecord?
        private var hasHashes = false

        package init() {}

        /// - Returns: `broken` at the first event that does not fit; what comes after it means nothing.
        package mutating func verify(_ record: AuditRecord) -> LinkStatus {
            head = AuditChain.hash(record, after: head)
            count += 1
            last = record
            if let hash = record.hash {
                hasHashes = true
                return hash == head ? .intact : .broken(at: record.number)
            }
            // Once there are hashes, an event without one was put in by somebody else.
            return hasHashes ? .broken(at: record.number) : .intact
        }
    }
}
