import Domain
import Foundation
import HTTPServer
import Store
import Support
import Testing

/// What programs change through the JSON API, and what they read of it afterwards.
struct ChangeAPITests {
    private struct Job: Decodable {
        let id: Int64
        let state: String
        let requestID: String
        let tries: [[String: JSONText]]?
    }

    /// Whatever stands there.
    private struct JSONText: Decodable {
        init(from decoder: any Decoder) throws {}
    }

    private struct Audit: Decodable {
        struct Event: Decodable {
            let number: Int64
            let event: String
            let actor: String
            let subject: String
            let address: String?
            let detail: String
            let hash: String?
        }

        let events: [Event]
        let next: String?
    }

    private struct Answer: Equatable {
        let status: Int
        let texts: [String: String]
    }

    private func texts(_ response: Response) throws -> [String: String] {
        #expect(response.headers["Content-Type"] == "application/json")
        return try response.json()
    }

    @Test func eachChangeIsMadeAuditedAndAnsweredWithTheJob() throws {
        let fixture = try OperationsFixture()
        let id = try fixture.enqueueDead()
        for (change, state) in [
            ("retry", "ready"), ("hold", "held"), ("release", "ready"), ("hold", "held"), ("discard", "discarded"),
        ] {
            let response = try fixture.order("/api/v1/jobs/\(id)/\(change)", #"{"why": "ticket 7"}"#)
            #expect(response.status == 200)
            let job: Job = try response.json()
            #expect(job.id == id && job.state == state && job.requestID == "job-\(id)" && job.tries?.count == 1)
        }
        #expect(
            try fixture.audit().map { $0[0...4].joined(separator: "|") } == [
                "queue_job_retried|operator:api|job:1|192.0.2.7|was dead; ticket 7",
                "queue_job_held|operator:api|job:1|192.0.2.7|was ready; ticket 7",
                "queue_job_released|operator:api|job:1|192.0.2.7|was held; ticket 7",
                "queue_job_held|operator:api|job:1|192.0.2.7|was ready; ticket 7",
                "queue_job_discarded|operator:api|job:1|192.0.2.7|was held; ticket 7",
            ])
        #expect(fixture.logger.lines.last == "info job.changed job=1 change=discard from=held address=192.0.2.7")
    }

    @Test func whatComesTooLateIsToldWithTheState() throws {
        let fixture = try OperationsFixture()
        let id = try fixture.enqueue()
        try fixture.settle(.done(outcome: .mailed, reason: "250 OK"))
        for change in ["retry", "discard", "hold", "release"] {
            let response = try fixture.order("/api/v1/jobs/\(id)/\(change)", "{}")
            #expect(response.status == 409)
            #expect(try texts(response) == ["error": "The job is done now.", "state": "done"])
        }
        #expect(try fixture.audit() == [])
    }

    @Test func lanesArePausedAndResumed() throws {
        let fixture = try OperationsFixture()
        func order(_ target: String, _ body: String = #"{"why": "the relay moves"}"#) throws -> Answer {
            let response = try fixture.order("/api/v1/lanes/\(target)", body)
            return Answer(status: response.status, texts: try texts(response))
        }
        #expect(
            try order("reset-request/pause")
                == Answer(status: 200, texts: ["kind": "reset-request", "state": "paused"]))
        #expect(
            try order("reset-request/pause")
                == Answer(status: 409, texts: ["error": "The lane is paused already.", "state": "paused"]))
        #expect(try order("*/pause") == Answer(status: 200, texts: ["kind": "*", "state": "paused"]))
        #expect(try fixture.database.read { try $0.pausedKinds() }.map(\.kind) == ["*", "reset-request"])
        #expect(try order("*/resume", "{}") == Answer(status: 200, texts: ["kind": "*", "state": "open"]))
        #expect(
            try order("*/resume", "{}")
                == Answer(status: 409, texts: ["error": "The lane is open already.", "state": "open"]))
        #expect(try order("reset-reqest/pause").status == 422, "a slip would pause nothing and seem to")
        #expect(try order("mail-test/pause", "{}").status == 422, "whoever finds it paused must be told why")
        #expect(
            try fixture.audit().map { "\($0[0]) \($0[2]) \($0[4])" } == [
                "queue_lane_paused lane:reset-request the relay moves", "queue_lane_paused lane:* the relay moves",
                "queue_lane_resumed lane:* ",
            ])
        #expect(fixture.logger.lines.last == "info lane.changed lane=* change=resume address=192.0.2.7")
    }

    @Test(arguments: [
        "/api/v1/jobs/1/retry", "/api/v1/jobs/1/discard", "/api/v1/jobs/1/hold", "/api/v1/lanes/*/pause",
        "/api/v1/lanes/*/resume",
    ])
    func aBrowserCannotBeMadeToChangeAnything(target: String) throws {
        let fixture = try OperationsFixture()
        _ = try fixture.enqueueDead()
        try fixture.pause("mail-test", why: "-")
        let before = try fixture.audit()
        let why = #"{"why": "x"}"#
        for type in [nil, "text/plain", "application/x-www-form-urlencoded"] {
            #expect(try fixture.order(target, why, ["Content-Type": type]).status == 415)
        }
        #expect(try fixture.order(target, why, ["Sec-Fetch-Site": "cross-site"]).status == 403)
        for body in ["", "[]", "why", #"{"why": 1}"#] {
            #expect(try fixture.order(target, body).status == 400, "\(body)")
        }
        let long = String(repeating: "x", count: 501)
        #expect(try fixture.order(target, #"{"why": "\#(long)"}"#).status == 422)
        #expect(try fixture.audit() == before)
    }

    @Test func whatIsNotThereIsNotChanged() throws {
        let fixture = try OperationsFixture()
        for id in ["1", "x", "01"] {
            #expect(try fixture.order("/api/v1/jobs/\(id)/retry", "{}").status == 404)
        }
        #expect(try fixture.order("/api/v1/jobs/1/explode", "{}").status == 404)
    }

    @Test func theAuditLogIsReadBackwardsPageByPage() throws {
        let fixture = try OperationsFixture()
        let id = try fixture.enqueue()
        let other = try fixture.enqueue()
        for _ in 0..<3 {
            _ = try fixture.order("/api/v1/jobs/\(id)/hold", "{}")
            _ = try fixture.order("/api/v1/jobs/\(other)/hold", "{}")
            _ = try fixture.order("/api/v1/jobs/\(id)/release", "{}")
        }
        let all: Audit = try fixture.send(.get, "/api/v1/audit").json()
        #expect(all.events.map(\.number) == [7, 6, 5, 4, 3, 2, 1] && all.next == nil)
        #expect(all.events.allSatisfy { $0.hash?.count == 64 })
        let first: Audit = try fixture.send(.get, "/api/v1/audit?subject=job:\(id)&limit=4").json()
        #expect(
            first.events.map(\.event) == [
                "queue_job_released", "queue_job_held", "queue_job_released", "queue_job_held",
            ])
        #expect(first.events.allSatisfy { $0.subject == "job:\(id)" && $0.actor == "operator:api" })
        let second: Audit = try fixture.send(.get, try #require(first.next)).json()
        #expect(second.events.map(\.number) == [3, 1] && second.next == nil)
        for bad in ["before=x", "before=0", "limit=501", "subject=a&subject=b"] {
            #expect(try fixture.send(.get, "/api/v1/audit?\(bad)").status == 400, "\(bad)")
        }
    }

    @Test func jobsAreFilteredAsOnThePage() throws {
        let fixture = try OperationsFixture()
        let dead = try fixture.enqueueDead(reason: "550 Mailbox FULL")
        let old = try fixture.enqueue(ago: 600)
        func ids(_ query: String) throws -> [Int64] {
            struct List: Decodable { let jobs: [Job] }
            return try fixture.send(.get, "/api/v1/jobs?\(query)").json(List.self).jobs.map(\.id)
        }
        #expect(try ids("reason=full") == [dead])
        #expect(try ids("outcome=rejected") == [dead])
        #expect(try ids("outcome=bounced") == [])
        #expect(try fixture.send(.get, "/api/v1/jobs?outcome=lost").status == 400)
        #expect(try ids("older_than=9m") == [old])
        #expect(try ids("older_than=11m") == [])
        #expect(try fixture.send(.get, "/api/v1/jobs?account=nobody").status == 404)
        #expect(try fixture.send(.get, "/api/v1/jobs?older_than=soon").status == 400)
    }
}
