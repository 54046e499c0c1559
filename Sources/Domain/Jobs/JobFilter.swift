/// Which jobs to list, newest first.
package struct JobFilter: Sendable, Equatable {
    package var state: JobState?
    package var kind: String?
    /// One of `Job.outcomes`.
    package var outcome: String?
    /// Only jobs with a smaller id: the next page.
    package var before: Int64?
    package var createdBefore: Instant?
    package var createdAfter: Instant?
    /// Only jobs of this account, as far as that is still known.
    package var account: Account?
    /// Only jobs from or, with webhooks, for this application.
    package var application: String?
    /// Only jobs of the request with this number, in the form of `RequestNumber.requestID`.
    package var requestID: String?
    /// Only jobs whose reason holds this text, in whatever case.
    package var reason: String?

    package init(state: JobState? = nil, kind: String? = nil, before: Int64? = nil) {
        self.state = state
        self.kind = kind
        self.before = before
    }
}
