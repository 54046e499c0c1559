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
        return try .encoded(try storage.read { try QueueReport(of: $0, at: now) })
    }

    func sendJobs(_ request: Request) throws -> Response {
        let query = try JobQuery(request.query)
        let now = clock.now()
        let jobs = try storage.read { store in
            try query.filter(in: store, at: now).map { try store.jobs($0, limit: query.limit + 1) }
        }
        guard let jobs else { throw Refusal(404, "There is no account with this User ID.") }
        let shown = jobs.prefix(query.limit)
        let last = jobs.count > shown.count ? shown.last : nil
        return try .encoded(
            JobList(
                jobs: shown.map { JobRecord($0) }, next: last.map { query.following($0.id).address("/api/v1/jobs") }))
    }

    func sendJob(_ id: String) throws -> Response {
        guard let id = JobID.read(id) else { throw Refusal.unknownJob }
        return try .encoded(try record(id))
    }

    func record(_ id: Int64) throws -> JobRecord {
        let found = try storage.read { store in
            try store.job(id: id).map { job in
                JobRecord(job, try store.attempts(job: id), account: try JobRow(job, in: store).userID)
            }
        }
        guard let found else { throw Refusal.unknownJob }
        return found
    }

    /// Enqueues what an application that asked the person itself has to say.
    func receiveJob(_ request: Request) throws -> Response {
        try Self.requireJSON(request)
        let order = try JobOrder(json: request.body)
        let job = try order.job(at: clock.now())
        let id = try storage.write { try $0.enqueue(job) }
        journal.note(.info, "job.added", ["job": "\(id)", "kind": job.kind, "address": request.peerAddress])
        var response = try Response.encoded(["id": id], status: 201)
        response.set("Location", "/api/v1/jobs/\(id)")
        return response
    }

    /// The content type is one that a browser does not send across sites without asking first (Fetch, CORS-safelisted
    /// request headers).
    static func requireJSON(_ request: Request) throws {
        let type = (request.headers["content-type"] ?? "").prefix { $0 != ";" }.filter { $0 != " " }
        guard type.lowercased() == "application/json" else {
            throw Refusal(415, "The body must be sent as application/json.")
        }
    }
}
