import Domain
import FoundationEssentials
import HTTPServer

/// The JSON API for programs: how the queue is, list, look, enqueue.
extension Operations {
    private struct JobList: Encodable {
        let jobs: [JobRecord]
        /// The address of the next page, if there is one.
        let next: String?
    }

    func sendStatus() throws -> Response {
        let now = clock.now()
        return try .encoded(QueueReport(of: store, at: now))
    }

    func sendJobs(_ request: Request) throws -> Response {
        let query = try JobQuery(request.query)
        let now = clock.now()
        let jobs = try store.read { transaction in
            try query.filter(in: transaction, at: now).map { try transaction.jobs($0, limit: query.limit + 1) }
        }
        guard let jobs else { throw APIError(404, "There is no account with this User ID.") }
        let shown = jobs.prefix(query.limit)
        let last = jobs.count > shown.count ? shown.last : nil
        return try .encoded(
            JobList(
                jobs: shown.map { JobRecord($0) }, next: last.map { query.following($0.id).address("/api/v1/jobs") }))
    }

    func sendJob(_ id: String) throws -> Response {
        guard let id = JobID.parse(id) else { throw APIError.unknownJob }
        return try .encoded(try record(id))
    }

    func record(_ id: Int64) throws -> JobRecord {
        let found = try store.read { transaction in
            try transaction.job(id: id).map { job in
                JobRecord(
                    job, try transaction.attempts(job: id), account: try JobWithUserID(job, in: transaction).userID)
            }
        }
        guard let found else { throw APIError.unknownJob }
        return found
    }

    /// Enqueues what an application that asked the person itself has to say.
    func postJob(_ request: Request) throws -> Response {
        try Self.requireJSON(request)
        let order = try JobSubmission(json: request.body)
        let job = try order.job(at: clock.now())
        let id = try store.write { try $0.enqueue(job) }
        logger.log(.info, "job.added", ["job": "\(id)", "kind": job.kind, "address": request.peerAddress])
        var response = try Response.encoded(["id": id], status: 201)
        response.set("Location", "/api/v1/jobs/\(id)")
        return response
    }

    /// The content type is one that a browser does not send across sites without asking first (Fetch, CORS-safelisted
    /// request headers).
    static func requireJSON(_ request: Request) throws {
        let type = (request.headers["content-type"] ?? "").prefix { $0 != ";" }.filter { $0 != " " }
        guard type.lowercased() == "application/json" else {
            throw APIError(415, "The body must be sent as application/json.")
        }
    }
}
