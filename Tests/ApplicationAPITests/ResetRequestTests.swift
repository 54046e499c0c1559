import Domain
import Foundation
import HTTPServer
import Support
import Testing

/// `/v1/reset-requests`.
@Suite struct ResetRequestTests {
    private let fixture: ApplicationFixture

    init() throws { fixture = try ApplicationFixture() }

    private static let wanted: JSON = [
        "user_id": "Budi", "email": "budi@example.org", "user_type": "penyedia", "address": "203.0.113.9",
        "language": "en",
    ]

    private func ask() throws -> String {
        let answer = try fixture.send(.post, "/v1/reset-requests", Self.wanted)
        #expect(answer.status == 202)
        let id = try #require(answer.body["id"].string)
        #expect(answer.body["state"] == "queued")
        #expect(answer.headers["Location"] == "/v1/reset-requests/\(id)")
        return id
    }

    private func state(_ id: String) throws -> JSON { try fixture.send(.get, "/v1/reset-requests/\(id)").body }

    /// Does with the request what a worker would.
    private func decide(_ settlement: Settlement = .done(outcome: .mailed, reason: "")) throws -> JSON? {
        let now = fixture.scene.now
        let validation = ResetRequestValidation(
            captchas: try ResetScene(clock: fixture.scene.clock).captchas, linkLifetime: .minutes(30),
            perAccountPerHour: 3)
        let random = fixture.scene.random
        return try fixture.scene.store.write { transaction in
            let job = try #require(
                try transaction.claim(limit: 1, at: now, leaseUntil: now + .minutes(1), worker: "test").first)
            switch try validation.validate([job], in: transaction, at: now, random: random)[0] {
            case .open(let request, _, _):
                _ = try transaction.settle(job.claim, settlement, attempt: nil, at: now)
                return .string(request.id)
            case .refused(let refusal):
                _ = try transaction.settle(
                    job.claim, .done(outcome: .refused, reason: refusal.rawValue), attempt: nil, at: now)
                return nil
            case .malformed(let why): throw SupportFailure(why)
            }
        }
    }

    @Test(
        "A request is a job without a captcha, in the language asked for, that names application and person's address")
    func job() throws {
        let id = try ask()
        let job = try #require(try fixture.scene.store.read { try $0.jobs(JobFilter(), limit: 1) }.first)
        #expect(job.kind == "reset-request")
        #expect(job.requestID == id)
        #expect(job.application == "e-katalog")
        let payload = try #require(job.payload(as: ResetPayload.self))
        #expect(payload.captcha == nil)
        #expect(payload.address == "203.0.113.9")
        #expect(payload.language == "en")
    }

    @Test("Its state follows the mail and the link")
    func states() throws {
        let id = try ask()
        let link = try #require(try decide()?.string)
        #expect(try state(id) == ["id": .string(id), "state": "mailed"])
        let now = fixture.scene.now
        _ = try fixture.scene.store.write { try $0.spend(request: link, at: now) }
        #expect(try state(id)["state"] == "used")

        let second = try ask()
        _ = try decide()
        let third = try ask()
        let newer = try #require(try decide()?.string)
        #expect(try state(second)["state"] == "superseded")
        _ = try fixture.scene.store.write { try $0.cancel(request: newer, at: now) }
        #expect(try state(third)["state"] == "cancelled")

        fixture.scene.clock.advance(.hours(2))
        let fourth = try ask()
        _ = try decide()
        fixture.scene.clock.advance(.minutes(31))
        #expect(try state(fourth)["state"] == "expired")

        let fifth = try ask()
        _ = try decide(.dead(outcome: .rejected, reason: "550 no such mailbox"))
        #expect(try state(fifth) == ["id": .string(fifth), "state": "failed", "reason": "550 no such mailbox"])
    }

    @Test("Limits per account hold for applications too, and the reason is the application's to know")
    func limits() throws {
        for _ in 1...3 {
            _ = try ask()
            #expect(try decide() != nil)
        }
        let fourth = try ask()
        #expect(try decide() == nil)
        #expect(try state(fourth) == ["id": .string(fourth), "state": "refused", "reason": "account-limit"])
    }

    @Test("Whoever has to do with one user type learns from a refusal nothing of other accounts")
    func confined() throws {
        let key = try fixture.addKey(ApplicationFixture.journal, scopes: [.reset])
        let headers: [String: String?] = ["Authorization": "Bearer \(key)"]
        var reasons: Set<String> = []
        for (userID, email) in [
            ("budi", "budi@example.org"), ("budi", "else@example.org"), ("nobody", "x@example.org"),
        ] {
            let asked = try fixture.send(
                .post, "/v1/reset-requests",
                ["user_id": .string(userID), "email": .string(email), "user_type": "non-penyedia"], headers)
            #expect(try decide() == nil)
            let path = try #require(asked.headers["Location"])
            reasons.insert(try fixture.send(.get, path, nil, headers).body["reason"].string ?? "")
        }
        #expect(reasons == ["account-unknown"])
    }

    @Test("Another application's request, one of the form and none at all are the same to see")
    func foreign() throws {
        let id = try ask()
        let key = try fixture.addKey(ApplicationFixture.journal, scopes: [.reset])
        let answer = try fixture.send(.get, "/v1/reset-requests/\(id)", nil, ["Authorization": "Bearer \(key)"])
        #expect(answer.problem == "unknown-request")
        let (now, payload) = (fixture.scene.now, try ResetScene(clock: fixture.scene.clock).payload())
        let formJob = try NewJob(.resetRequest, payload: payload, at: now, requestID: "abcdefgh")
        _ = try fixture.scene.store.write { try $0.enqueue(formJob) }
        #expect(try fixture.send(.get, "/v1/reset-requests/abcdefgh").problem == "unknown-request")
        #expect(try fixture.send(.get, "/v1/reset-requests/nothing").problem == "unknown-request")
    }
}
