import Domain
import FoundationEssentials
import HTTPServer

/// The JSON API for programs: list, look, enqueue.
extension Operations {
    private struct JobList: Encodable {
        let jobs: [JobRecord]
        /// The address of the next page, if there is one.
        let next: String?
    }

    func sendJobs(_ request: Request) throws -> Response {
        let query = try JobQuery(request.query)
        let jobs = try storage.read { try $0.jobs(query.filter, limit: query.limit + 1) }
        let shown = jobs.prefix(query.limit)
        var following = query.filter
        following.before = shown.last?.id
        return try .encoded(
            JobList(
                jobs: shown.map { JobRecord($0) },
                next: jobs.count > shown.count
                    ? JobQuery.address("/api/v1/jobs", following, limit: query.limit) : nil))
    }

    func sendJob(_ id: String) throws -> Response {
        guard let id = JobID.read(id) else { throw Refusal.unknownJob }
        let found = try storage.read { store in
            try store.job(id: id).map { ($0, try store.attempts(job: id)) }
        }
        guard let (job, attempts) = found else { throw Refusal.unknownJob }
        return try .encoded(JobRecord(job, attempts))
    }

    /// Enqueues what an application that asked the person itself has to say. The content type is one that a browser
    /// does not send across sites without asking first (Fetch, CORS-safelisted request headers).
    func receiveJob(_ request: Request) throws -> Response {
        let type = (request.headers["content-type"] ?? "").prefix { $0 != ";" }.filter { $0 != " " }
        guard type.lowercased() == "application/json" else {
            throw Refusal(415, "The body must be sent as application/json.")
        }
        let order = try JobOrder(json: request.body)
        let job = try order.job(at: clock.now())
        let id = try storage.write { try $0.enqueue(job) }
        journal.note(.info, "job.added", ["job": "\(id)", "kind": job.kind, "address": request.peerAddress])
        var response = try Response.encoded(["id": id], status: 201)
        response.set("Location", "/api/v1/jobs/\(id)")
        return response
    }
}
