import FoundationEssentials

/// A job to be.
package struct NewJob: Sendable, Equatable {
    package let kind: String
    package let payload: String
    package let createdAt: Instant
    /// Later than `createdAt` makes it `scheduled`.
    package let runAt: Instant
    /// See `Job.requestID`.
    package let requestID: String?
    /// Whom it is about, where that is certain: kept when completion erases the payload.
    package let account: Int64?
    /// Nil for the class of its kind.
    package let jobClass: JobClass?
    /// The application that it is from or, with a webhook, for.
    package let application: String?

    package init(
        kind: String, payload: String, createdAt: Instant, runAt: Instant? = nil, requestID: String? = nil,
        account: Int64? = nil, jobClass: JobClass? = nil, application: String? = nil
    ) {
        self.kind = kind
        self.payload = payload
        self.createdAt = createdAt
        self.runAt = runAt ?? createdAt
        self.requestID = requestID
        self.account = account
        self.jobClass = jobClass
        self.application = application
    }

    package init(
        _ kind: JobKind, payload: some Encodable, at now: Instant, requestID: String? = nil, account: Int64? = nil,
        jobClass: JobClass? = nil, application: String? = nil
    ) throws {
        let json = try JSONEncoder().encode(payload)
        self.init(
            kind: kind.rawValue, payload: String(decoding: json, as: UTF8.self), createdAt: now, requestID: requestID,
            account: account, jobClass: jobClass, application: application)
    }
}

extension Job {
    /// What `NewJob` was given; nil when the payload is gone or something else.
    package func payload<Payload: Decodable>(as type: Payload.Type) -> Payload? {
        payload.flatMap { try? JSONDecoder().decode(type, from: Data($0.utf8)) }
    }
}
