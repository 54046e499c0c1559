import Domain
import Foundation
import HTTPServer
import Support
import Testing

struct JobAPITests {
    private struct Listed: Decodable {
        struct Job: Decodable {
            struct Try: Decodable {
                let number: Int
                let code: Int?
                let verdict: String
                let reply: String
            }

            let id: Int64
            let kind: String
            let state: String
            let outcome: String?
            let createdAt: Int64
            let tries: [Try]?
        }

        let jobs: [Job]
        let next: String?
    }

    private func post(_ fixture: OperationsFixture, _ body: String, _ headers: [String: String?] = [:]) throws
        -> Response
    {
        try fixture.send(
            .post, "/api/v1/jobs", ["Content-Type": "application/json" as String?].merging(headers) { $1 }, body: body)
    }

    private static let order = #"""
        {"kind": "reset-request", "payload": {"user_id": "budi", "email": "b@example.org", "user_type": "penyedia"}}
        """#

    private func error(_ response: Response) throws -> String? {
        #expect(response.headers["Content-Type"] == "application/json")
        return try response.json([String: String].self)["error"]
    }

    @Test func jobsAreListedFilteredAndPaged() throws {
        let fixture = try OperationsFixture()
        _ = try fixture.enqueueDead()
        for _ in 0..<5 { try fixture.enqueue() }
        let first: Listed = try fixture.send(.get, "/api/v1/jobs?state=ready&limit=2").json()
        #expect(first.jobs.map(\.id) == [6, 5])
        #expect(
            first.jobs.map(\.createdAt) == [OperationsFixture.start.milliseconds, OperationsFixture.start.milliseconds])
        let second: Listed = try fixture.send(.get, try #require(first.next)).json()
        #expect(second.jobs.map(\.id) == [4, 3])
        let third: Listed = try fixture.send(.get, try #require(second.next)).json()
        #expect(third.jobs.map(\.id) == [2] && third.next == nil)
        let dead: Listed = try fixture.send(.get, "/api/v1/jobs?state=dead&kind=reset-request").json()
        #expect(dead.jobs.map(\.outcome) == ["rejected"])
        let none: Listed = try fixture.send(.get, "/api/v1/jobs?kind=unheard-of").json()
        #expect(none.jobs.isEmpty)
    }

    @Test func oneJobIsToldWithItsAttempts() throws {
        let fixture = try OperationsFixture()
        let id = try fixture.enqueueDead(reason: "550 no such user")
        let job: Listed.Job = try fixture.send(.get, "/api/v1/jobs/\(id)").json()
        #expect(job.id == id && job.kind == "reset-request" && job.state == "dead")
        let attempts = try #require(job.tries)
        #expect(attempts.map(\.number) == [1] && attempts.map(\.code) == [550])
        #expect(attempts.map(\.verdict) == ["permanent"] && attempts.map(\.reply) == ["550 no such user"])
    }

    @Test func aJobIsEnqueuedAsAWorkerReadsIt() throws {
        let fixture = try OperationsFixture()
        let response = try post(fixture, Self.order)
        #expect(response.status == 201)
        let id = try #require(try response.json([String: Int64].self)["id"])
        #expect(response.headers["Location"] == "/api/v1/jobs/\(id)")
        let job = try #require(try fixture.job(id))
        #expect(job.kind == "reset-request" && job.state == .ready && job.createdAt == OperationsFixture.start)
        let payload = try JSONDecoder().decode(ResetPayload.self, from: Data(try #require(job.payload).utf8))
        #expect(
            payload
                == ResetPayload(
                    userID: "budi", email: "b@example.org", userType: "penyedia", captcha: nil, securityCode: nil,
                    address: nil, requestID: nil))
        #expect(fixture.logger.lines == ["info job.added job=\(id) kind=reset-request address=192.0.2.7"])
    }

    @Test func everyKindCanBeEnqueued() throws {
        let fixture = try OperationsFixture()
        let notices = Notice.allCases.map {
            #"{"kind": "\#($0.rawValue)", "payload": {"account": 1, "at": 2, "address": "-", "remaining": 3}}"#
        }
        let test = #"{"kind": "mail-test", "payload": {"to": "a@example.org"}}"#
        for order in notices + [Self.order, test] { #expect(try post(fixture, order).status == 201) }
    }

    @Test(arguments: [
        ("", 400, "The body is not JSON."), ("{", 400, "The body is not JSON."),
        ("[]", 422, "The body is of the wrong type."), ("{}", 422, "kind is missing."),
        (#"{"kind": 1}"#, 422, "kind is of the wrong type."),
        (
            #"{"kind": "reset"}"#, 422,
            "kind must be one of \(JobKind.submittable.map(\.rawValue).joined(separator: ", "))."
        ),
        (#"{"kind": "mail-test"}"#, 422, "payload is missing."),
        (#"{"kind": "mail-test", "payload": "x"}"#, 422, "payload is of the wrong type."),
        (#"{"kind": "mail-test", "payload": {"to": null}}"#, 422, "payload.to is of the wrong type."),
        (#"{"kind": "reset-request", "payload": {"user_id": "a"}}"#, 422, "payload.email is missing."),
        (
            #"{"kind": "reset-request", "payload": {"user_id": "a", "email": "b", "user_type": "c", "request_id": ""}}"#,
            422, "payload.request_id must be 1 to 64 visible ASCII characters."
        ),
        ("{\"kind\": \"mail-test\", \"payload\": {\"to\": \"\u{0}\"}}", 400, "The body is not JSON."),
    ])
    func anOrderThatNoWorkerCouldReadIsRefused(body: String, status: Int, sentence: String) throws {
        let fixture = try OperationsFixture()
        let response = try post(fixture, body)
        #expect(response.status == status)
        #expect(try error(response) == sentence)
        #expect(try fixture.job(1) == nil)
    }

    @Test func aBrowserCannotBeMadeToEnqueue() throws {
        let fixture = try OperationsFixture()
        for type in [
            nil, "text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "application/jsonx",
        ] {
            #expect(try post(fixture, Self.order, ["Content-Type": type]).status == 415, "\(type ?? "none")")
        }
        for headers in [["Sec-Fetch-Site": "cross-site"], ["Origin": "https://evil.example"]] {
            let response = try post(fixture, Self.order, headers)
            #expect(response.status == 403)
            #expect(try error(response) == "The request was sent by a page of another site.")
        }
        #expect(try fixture.job(1) == nil)
        #expect(try post(fixture, Self.order, ["Content-Type": "Application/JSON ; charset=utf-8"]).status == 201)
    }

    @Test(arguments: [
        ("/api/v1/jobs/7", 404, "There is no such job."), ("/api/v1/jobs/x", 404, "There is no such job."),
        ("/api/v1/nope", 404, "There is nothing at this address."), ("/api", 404, "There is nothing at this address."),
        ("/api/v1/jobs?limit=0", 400, "limit must be a whole number from 1 to 500."),
        ("/api/v1/jobs?limit=501", 400, "limit must be a whole number from 1 to 500."),
        ("/api/v1/jobs?before=x", 400, "before must be the id of a job."),
        ("/api/v1/jobs?limit=1&limit=2", 400, "The field limit is there more than once."),
        (
            "/api/v1/jobs?state=lost", 400,
            "state must be one of scheduled, ready, running, held, done, dead, discarded."
        ),
    ])
    func mistakesAreToldInJSON(target: String, status: Int, sentence: String) throws {
        let response = try OperationsFixture().send(.get, target)
        #expect(response.status == status)
        #expect(try error(response) == sentence)
    }

    @Test func aWrongMethodIsToldInJSON() throws {
        let response = try OperationsFixture().send(.other("DELETE"), "/api/v1/jobs")
        #expect(response.status == 405)
        #expect(response.headers["Allow"] == "GET, HEAD, POST")
        #expect(try error(response) == "This address does not take that method.")
    }
}
