import Domain
import Foundation
import HTTPServer
import Support
import Testing

@testable import ApplicationAPI

/// What every request has in common: problems, idempotency, and the description of all of it.
@Suite struct RequestTests {
    private let fixture: ApplicationFixture

    init() throws { fixture = try ApplicationFixture() }

    @Test("A refusal is a problem document with the number under which the log has it")
    func problem() throws {
        let answer = try fixture.send(.get, "/v1/users/nobody")
        #expect(answer.status == 404)
        #expect(answer.headers["Content-Type"] == "application/problem+json")
        let number = try #require(answer.body["request"].string)
        #expect(answer.headers["X-Request-Id"] == number)
        #expect(fixture.logger.lines.contains { $0.contains("api.refused request=\(number) ") })
        #expect(answer.body["title"] == "There is no such user")
        #expect(answer.body["status"] == 404)
    }

    @Test(
        "What is no JSON, no object or of another type is refused with the reason",
        arguments: zip(
            ["{", "", "[1]", "\"x\"", "{\"code\": \"1\", \"code\"}", "\u{1}"],
            [
                "malformed-json", "malformed-json", "invalid-fields", "invalid-fields", "malformed-json",
                "malformed-json",
            ]))
    func bodies(_ body: String, _ problem: String) throws {
        #expect(try fixture.send(.post, "/v1/users/budi/verify", bytes: Array(body.utf8)).problem == problem)
    }

    @Test("A body must say that it is JSON, and be UTF-8")
    func mediaType() throws {
        let body = Array(#"{"code":"123456"}"#.utf8)
        func send(_ type: String?) throws -> Answer {
            try fixture.send(.post, "/v1/users/budi/verify", bytes: body, ["Content-Type": type])
        }
        #expect(try send("application/json; charset=utf-8").status == 200)
        #expect(try send("Application/JSON").status == 200)
        for type in ["text/plain", "application/x-www-form-urlencoded", "application/jsonx", nil] {
            #expect(try send(type).status == 415)
        }
        let broken = try fixture.send(
            .post, "/v1/users/budi/verify", bytes: Array(#"{"code":""#.utf8) + [0xFF] + Array(#""}"#.utf8))
        #expect(broken.problem == "malformed-json")
    }

    @Test("An address that is none and a method that is not taken are problems too")
    func routes() throws {
        #expect(try fixture.send(.get, "/v1/user/budi").problem == "unknown-path")
        let wrong = try fixture.send(.other("PATCH"), "/v1/users/budi")
        #expect(wrong.problem == "method-not-allowed")
        #expect(wrong.headers["Allow"] == "GET, HEAD, PUT, DELETE")
    }

    @Test(
        "A person's address and browser can forge no line of a mail or the audit log",
        arguments: [
            ["code": "1", "address": "1.2.3.4\nX"], ["code": "1", "address": "example.org"],
            ["code": "1", "browser": "a\u{0}b"], ["code": "1", "browser": "a\u{85}b"], ["code": "1", "browser": ""],
        ] as [JSON])
    func origins(_ body: JSON) throws {
        #expect(try fixture.send(.post, "/v1/users/budi/verify", body).problem == "invalid-fields")
    }

    // MARK: - Idempotency-Key

    @Test("The same request under the same key has one effect and one answer, for a day, whatever it held")
    func repeated() throws {
        let key: [String: String?] = ["Idempotency-Key": "9f1c-ä".replacing("ä", with: "a")]
        let first = try fixture.send(.post, "/v1/users/budi/recovery-codes", nil, key)
        let second = try fixture.send(.post, "/v1/users/budi/recovery-codes", nil, key)
        #expect(first.status == 201)
        #expect(second.status == 201)
        #expect(second.body == first.body)
        #expect(first.headers["Idempotency-Replayed"] == nil)
        #expect(second.headers["Idempotency-Replayed"] == "true")
        let codes = (first.body["codes"].array ?? []).compactMap(\.string)
        let dump = try fixture.scene.fixture.dump()
        #expect(!codes.contains { dump.contains($0) }, "kept under a seal")

        fixture.scene.clock.advance(.seconds(86_401))
        #expect(try fixture.send(.post, "/v1/users/budi/recovery-codes", nil, key).body != first.body)
    }

    @Test("Of 50 equal requests at once one has an effect, and all get its answer")
    func repeatedAtOnce() throws {
        let code = try fixture.scene.code()
        let answers = try inParallel(50) { _ in
            try fixture.send(
                .post, "/v1/users/budi/verify", ["code": .string(code)], ["Idempotency-Key": "one"]
            ).body["result"].string ?? ""
        }
        #expect(Set(answers) == ["accepted"])
        #expect(try fixture.audit().filter { $0.hasPrefix("authn_code_success") }.count == 1)
    }

    @Test("Another request under a used key, another application's key, and keys that are none")
    func reuse() throws {
        let user: JSON = ["email": "sari@example.org", "user_type": "non-penyedia"]
        let key: [String: String?] = ["Idempotency-Key": "k"]
        let made = try fixture.send(.put, "/v1/users/sari", user, key)
        #expect(made.status == 201)
        #expect(try fixture.send(.put, "/v1/users/sari", user, key).status == 201)
        #expect(try fixture.send(.put, "/v1/users/sari", user).status == 200)
        let other = user.replacing("email", with: "sari@example.net")
        #expect(try fixture.send(.put, "/v1/users/sari", other, key).problem == "idempotency-key-reused")
        #expect(try fixture.send(.put, "/v1/users/tuti", user, key).problem == "idempotency-key-reused")
        let foreign = try fixture.addKey(ApplicationFixture.journal, scopes: [.provision])
        let answer = try fixture.send(
            .put, "/v1/users/sari", other, ["Idempotency-Key": "k", "Authorization": "Bearer \(foreign)"])
        #expect(answer.status == 200)
        for bad in ["", "a b", String(repeating: "x", count: 256)] {
            #expect(try fixture.send(.put, "/v1/users/sari", user, ["Idempotency-Key": bad]).problem == "bad-request")
        }
    }

    @Test("A secret is given again while it is pending, and never once it is active, cleared or its user gone")
    func repeatedEnrollment() throws {
        let fixture = try ApplicationFixture(state: .none)
        func enroll() throws -> Answer {
            try fixture.send(.post, "/v1/users/budi/enrollment", nil, ["Idempotency-Key": "k"])
        }
        let first = try enroll()
        #expect(try enroll().body == first.body)
        _ = try fixture.send(.delete, "/v1/users/budi/totp")
        _ = try fixture.send(.post, "/v1/users/budi/enrollment")
        #expect(try enroll().problem == "totp-not-active", "another secret is pending")
        let secret = try #require(try fixture.send(.post, "/v1/users/budi/enrollment").body["secret"].string)
        #expect(try fixture.verify(try fixture.scene.code(of: secret)).body["activated"] == true)
        #expect(try enroll().problem == "totp-active")
        _ = try fixture.send(.delete, "/v1/users/budi")
        #expect(try enroll().problem == "unknown-user")
    }

    @Test("An answer to a user's code is not given again once the user is deactivated")
    func repeatedCode() throws {
        let code = try fixture.scene.code()
        func verify() throws -> Answer {
            try fixture.send(
                .post, "/v1/users/budi/verify", ["code": .string(code)], ["Idempotency-Key": "k"])
        }
        #expect(try verify().body["result"] == "accepted")
        _ = try fixture.scene.fixture.execute("UPDATE account SET active = 0;")
        #expect(try verify().problem == "user-inactive")
    }

    @Test("A refused request is kept under no key, so that the right one may follow under it")
    func refused() throws {
        let key: [String: String?] = ["Idempotency-Key": "k"]
        #expect(try fixture.send(.put, "/v1/users/sari", ["email": "x"], key).status == 422)
        let user: JSON = ["email": "sari@example.org", "user_type": "penyedia"]
        #expect(try fixture.send(.put, "/v1/users/sari", user, key).status == 201)
    }

    // MARK: - OpenAPI

    @Test("config/openapi.json is what is served: write the one anew from /v1/openapi.json when the API changes")
    func document() throws {
        let served = try fixture.send(.get, "/v1/openapi.json", nil, ["Authorization": nil])
        #expect(served.status == 200)
        let kept = try JSON(parsing: Array(try ProjectFile.text("config/openapi.json").utf8))
        #expect(kept == served.body)
    }

    @Test("The document has every endpoint with its scopes and problems, and no name twice")
    func operations() throws {
        let served = try fixture.send(.get, "/v1/openapi.json").body
        let paths = try #require(served["paths"].object)
        #expect(Set(paths.keys) == Set(fixture.api.endpoints.map(\.path)))
        let names = fixture.api.endpoints.map(\.operation)
        #expect(Set(names).count == names.count)
        #expect(fixture.api.endpoints.allSatisfy { !$0.scopes.isEmpty })
    }
}
