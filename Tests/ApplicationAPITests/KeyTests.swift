import Domain
import Foundation
import HTTPServer
import Support
import Testing

@testable import ApplicationAPI

/// Who is let in, at every endpoint.
@Suite struct KeyTests {
    private let fixture: ApplicationFixture

    init() throws { fixture = try ApplicationFixture() }

    /// What each endpoint takes, by its operation.
    private static let bodies: [String: JSON] = [
        "putUser": ["email": "budi@example.org", "user_type": "penyedia"], "verifyCode": ["code": "123456"],
        "verifyRecoveryCode": ["code": "aaaa-aaaa-aaaa-aaaa"],
        "requestReset": ["user_id": "budi", "email": "budi@example.org", "user_type": "penyedia"],
    ]

    private func call(_ endpoint: Endpoint, _ authorization: String?) throws -> Answer {
        let method: HTTPServer.Method =
            switch endpoint.method {
            case .get: .get
            case .put: .put
            case .post: .post
            case .delete: .delete
            }
        let target = endpoint.path.replacing("{user_id}", with: "budi").replacing("{id}", with: "abc")
        return try fixture.send(
            method, target, Self.bodies[endpoint.operation], ["Authorization": authorization])
    }

    @Test(
        "No endpoint lets in a missing, wrong, revoked or foreign key, or one without the scope; nothing changes then")
    func everyEndpoint() throws {
        let revoked = try fixture.addKey(scopes: Set(ApplicationScope.allCases))
        let (id, now) = (try #require(ApplicationKeyText(revoked)).id, fixture.scene.now)
        #expect(try fixture.scene.store.write { try $0.revoke(key: id, at: now) })
        let gone = try fixture.addKey(Application(id: "gone", name: "Gone"), scopes: Set(ApplicationScope.allCases))
        let forged = fixture.key.dropLast(4) + "AAAA"
        let before = try fixture.scene.fixture.dump(without: "audit_event")
        let wrong: [String?] = [
            nil, "", "Bearer", "Bearer x", "Basic \(fixture.key)", "Bearer \(forged)", "Bearer \(revoked)",
            "Bearer \(gone)", "Bearer pulih_", "Bearer \(fixture.key) ",
        ]
        for endpoint in fixture.api.endpoints {
            for authorization in wrong {
                // Each from a clean slate: what is counted against an address is tested by itself.
                _ = try fixture.scene.fixture.execute("DELETE FROM arrival;")
                let answer = try call(endpoint, authorization)
                #expect(answer.status == 401, "\(endpoint.operation) \(authorization ?? "-")")
                #expect(answer.problem == "unauthorized")
                #expect(answer.headers["WWW-Authenticate"] == "Bearer")
            }
            for scope in ApplicationScope.allCases where !endpoint.scopes.contains(scope) {
                let key = try fixture.addKey(scopes: [scope])
                let answer = try call(endpoint, "Bearer \(key)")
                #expect(answer.problem == "forbidden", "\(endpoint.operation) with \(scope)")
                #expect(answer.status == 403)
                _ = try fixture.scene.fixture.execute(
                    "DELETE FROM application_key WHERE id = '\(try #require(ApplicationKeyText(key)).id)';")
            }
        }
        _ = try fixture.scene.fixture.execute("DELETE FROM arrival;")
        #expect(try fixture.scene.fixture.dump(without: "audit_event") == before)
    }

    @Test("Each scope is enough for its endpoints")
    func scopes() throws {
        for scope in ApplicationScope.allCases {
            let key = try fixture.addKey(scopes: [scope])
            for endpoint in fixture.api.endpoints where endpoint.scopes.contains(scope) {
                let answer = try call(endpoint, "Bearer \(key)")
                #expect(answer.status != 401 && answer.status != 403, "\(endpoint.operation) \(answer.body)")
            }
            // Nothing that one scope did stands in the way of the next.
            _ = try fixture.send(.put, "/v1/users/budi", Self.bodies["putUser"])
        }
    }

    @Test(
        "Twenty wrong keys within the hour shut an address out but for right keys, and each is audited; a request without one is none"
    )
    func throttle() throws {
        for _ in 1...100 {
            #expect(try fixture.send(.get, "/v1/users/budi", nil, ["Authorization": nil]).status == 401)
        }
        for _ in 1...20 {
            #expect(try fixture.send(.get, "/v1/users/budi", nil, ["Authorization": "Bearer x"]).status == 401)
        }
        #expect(try fixture.send(.get, "/v1/users/budi").status == 200, "whoever has a key is not shut out by others")
        let shut = try fixture.send(.get, "/v1/users/budi", nil, ["Authorization": "Bearer y"])
        #expect(shut.problem == "too-many-attempts")
        #expect(shut.status == 429)
        #expect(shut.headers["Retry-After"] == "3600")
        #expect(
            try fixture.audit() == Array(repeating: "application_key_refused unknown unknown 192.0.2.7 ", count: 20))
        fixture.scene.clock.advance(.seconds(3601))
        #expect(try fixture.send(.get, "/v1/users/budi", nil, ["Authorization": "Bearer y"]).status == 401)
    }

    @Test("Two keys are good side by side, and a revoked one opens nothing from the next request on")
    func rotation() throws {
        let second = try fixture.addKey(scopes: [.verify])
        let headers: [String: String?] = ["Authorization": "Bearer \(second)"]
        #expect(try fixture.send(.get, "/v1/users/budi").status == 200)
        #expect(try fixture.send(.get, "/v1/users/budi", nil, headers).status == 200)
        let (id, now) = (try #require(ApplicationKeyText(second)).id, fixture.scene.now)
        #expect(try fixture.scene.store.write { try $0.revoke(key: id, at: now) })
        #expect(try fixture.send(.get, "/v1/users/budi", nil, headers).status == 401)
        #expect(
            try fixture.audit().last
                == "application_key_refused unknown key:\(id) 192.0.2.7 revoked, or of an application that is no longer configured"
        )
    }
}
