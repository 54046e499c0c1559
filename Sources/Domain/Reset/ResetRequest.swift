package import Cryptography
import FoundationEssentials

/// What a `reset-request` job carries. The names are the form's, so that an outside program can write the JSON by hand.
package struct ResetPayload: Sendable, Equatable, Codable {
    package let userID: String
    package let email: String
    package let userType: String
    /// The id of the captcha and the answer typed. Both or neither: a program that enqueues by itself has no captcha,
    /// and who may write to the database is trusted to have asked a person.
    package let captcha: String?
    package let securityCode: String?
    /// The address the request came from, shown to the owner in the mail.
    package let address: String?
    /// Follows the request through logs, job and mail.
    package let requestID: String?
    /// The mail's language, `id` or `en`; nil, or another text, for the account's.
    package let language: String?

    enum CodingKeys: String, CodingKey {
        case userID = "user_id"
        case email
        case userType = "user_type"
        case captcha
        case securityCode = "security_code"
        case address
        case requestID = "request_id"
        case language
    }

    package init(
        userID: String, email: String, userType: String, captcha: String?, securityCode: String?, address: String?,
        requestID: String?, language: String? = nil
    ) {
        self.userID = userID
        self.email = email
        self.userType = userType
        self.captcha = captcha
        self.securityCode = securityCode
        self.address = address
        self.requestID = requestID
        self.language = language
    }
}

/// A validated request: the row behind a link.
package struct ResetRequest: Sendable, Equatable {
    /// Bytes of an id; 16 make 22 characters.
    package static let idBytes = 16

    /// Six bytes of time and 80 random bits, as in a UUID of version 7 (RFC 9562, section 5.7), so that the ids of one commit
    /// lie side by side in their index and not each on a page of its own. What keeps a link from being guessed is its MAC.
    package static func newID(at now: Instant, random: any RandomSource) -> String {
        let time = stride(from: 40, through: 0, by: -8).map { UInt8(truncatingIfNeeded: now.milliseconds >> $0) }
        return Base64URL.encode(time + random.bytes(idBytes - time.count))
    }

    package enum State: String, Sendable, CaseIterable {
        /// The link may be used.
        case open
        case used
        /// A newer request took its place.
        case superseded
        /// The owner said "Bukan saya".
        case cancelled
    }

    package let id: String
    package let account: Int64
    /// The secret's generation when the link was made.
    package let generation: Int64
    package let job: Int64
    package let state: State
    package let requestedAt: Instant
    package let expiresAt: Instant
    package let address: String?

    package init(
        id: String, account: Int64, generation: Int64, job: Int64, state: State, requestedAt: Instant,
        expiresAt: Instant, address: String?
    ) {
        self.id = id
        self.account = account
        self.generation = generation
        self.job = job
        self.state = state
        self.requestedAt = requestedAt
        self.expiresAt = expiresAt
        self.address = address
    }
}
