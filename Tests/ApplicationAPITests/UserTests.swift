import Domain
import Foundation
import HTTPServer
import Support
import Testing

/// `/v1/users/{user_id}`.
@Suite struct UserTests {
    private let fixture: ApplicationFixture

    init() throws { fixture = try ApplicationFixture(state: .none) }

    private static let sari: JSON = [
        "email": "sari@example.org", "user_type": "non-penyedia", "language": "en",
    ]

    @Test("A user is made once, read, changed and deleted, and the audit log names the application")
    func life() throws {
        let made = try fixture.send(.put, "/v1/users/sari", Self.sari)
        #expect(made.status == 201)
        #expect(made.body["user_id"] == "sari")
        #expect(made.body["totp"] == "none")
        #expect(made.body["totp_required"] == true)
        #expect(made.body["created_at"] == "2026-11-23T08:00:00.000Z")
        #expect(try fixture.send(.put, "/v1/users/SARI", Self.sari).status == 200)

        let changed = try fixture.send(
            .put, "/v1/users/sari", ["email": "sari@example.net", "user_type": "penyedia", "active": false])
        #expect(changed.status == 200)
        #expect(changed.body["email"] == "sari@example.net")
        #expect(changed.body["language"] == "en", "what is left out stays")
        #expect(changed.body["active"] == false)
        #expect(try fixture.send(.get, "/v1/users/sari").body == changed.body)

        #expect(try fixture.send(.delete, "/v1/users/sari").status == 204)
        #expect(try fixture.send(.get, "/v1/users/sari").problem == "unknown-user")
        #expect(
            try fixture.audit() == [
                "user_created application:e-katalog sari e-Katalog ",
                "user_email_changed application:e-katalog sari e-Katalog from sari@example.org to sari@example.net",
                "user_changed application:e-katalog sari e-Katalog user type from non-penyedia to penyedia",
                "user_deactivated application:e-katalog sari e-Katalog ",
                "user_deleted application:e-katalog sari e-Katalog ",
            ])
    }

    @Test("A user may be made deactivated, and none can log in then")
    func deactivated() throws {
        let made = try fixture.send(
            .put, "/v1/users/sari", ["email": "sari@example.org", "user_type": "penyedia", "active": false])
        #expect(made.status == 201)
        #expect(made.body["active"] == false)
        #expect(try fixture.audit().map { $0.prefix { $0 != " " } } == ["user_created", "user_deactivated"])
    }

    @Test("A change of user type is told to those whom the user comes to, and to those whom they leave")
    func changeOfType() throws {
        try fixture.scene.store.write { transaction in
            try transaction.setWebhooks(
                [("one", "penyedia"), ("two", "non-penyedia"), ("three", "other")].map { application, userType in
                    Webhook(application: application, url: "https://\(application).test/", userTypes: [userType])
                })
        }
        let change: JSON = ["email": "budi@example.org", "user_type": "non-penyedia"]
        #expect(try fixture.send(.put, "/v1/users/budi", change).status == 200)
        let told = try fixture.scene.store.read { transaction in
            try ["one", "two", "three"].map { application in
                try transaction.jobs(JobFilter(kind: "webhook"), limit: 10).filter { $0.application == application }
                    .count
            }
        }
        #expect(told == [1, 1, 0])
    }

    @Test("A deactivation ends the sessions of the portal")
    func sessions() throws {
        guard case .accepted = try fixture.scene.attempt() else { throw SupportFailure("no login") }
        let change: JSON = ["email": "budi@example.org", "user_type": "penyedia", "active": false]
        #expect(try fixture.send(.put, "/v1/users/budi", change).status == 200)
        #expect(try fixture.scene.fixture.execute("SELECT count(*) FROM session;") == "0")
    }

    @Test("The secret of an authenticator in use comes along, and its codes are right here from then on")
    func migration() throws {
        let secret = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
        let user: JSON = ["email": "sari@example.org", "user_type": "penyedia", "totp_secret": .string(secret)]
        let made = try fixture.send(.put, "/v1/users/sari", user)
        #expect(made.status == 201)
        #expect(made.body["totp"] == "active")
        #expect(try fixture.send(.put, "/v1/users/sari", user).status == 200, "the answer may have been lost")
        #expect(try fixture.verify(try fixture.scene.code(of: secret), of: "sari").body["result"] == "accepted")
        #expect(try fixture.jobs().isEmpty, "nobody is told of a move")

        let other = user.replacing("totp_secret", with: "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ")
        #expect(try fixture.send(.put, "/v1/users/sari", other).problem == "totp-exists")
    }

    @Test("One who is there and has no secret gets that of the authenticator in use, and is told by mail")
    func adoption() throws {
        let address = "otpauth://totp/App:budi?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&algorithm=SHA256&digits=8"
        let user: JSON = ["email": "budi@example.org", "user_type": "penyedia", "otpauth": .string(address)]
        #expect(try fixture.send(.put, "/v1/users/budi", user).body["totp"] == "active")
        #expect(try fixture.send(.put, "/v1/users/budi", user).status == 200)
        #expect(try fixture.jobs() == ["activation-notice"])
        #expect(
            try fixture.audit() == [
                "authn_totp_activated application:e-katalog budi e-Katalog with a TOTP secret in use"
            ])
    }

    @Test(
        "Everything that is wrong is told together, by field and rule",
        arguments: zip(
            [
                ["email": "x", "user_type": "penyedia"],
                ["email": "s@example.org\r\nBcc: x@example.org", "user_type": "penyedia"],
                ["email": " s@example.org", "user_type": "penyedia"],
                ["user_type": "dosen", "langage": "id"],
                ["email": 7, "user_type": nil, "active": "yes"],
                ["email": "s@example.org", "user_type": "penyedia", "totp_secret": "not base32 !"],
                ["email": "s@example.org", "user_type": "penyedia", "otpauth": "otpauth://hotp/x?secret=AAAA"],
                [
                    "email": "s@example.org", "user_type": "penyedia",
                    "totp_secret": "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP",
                    "otpauth": "otpauth://totp/x?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP",
                ],
            ] as [JSON],
            [
                ["email length"], ["email form"], ["email form"],
                ["email missing", "user_type choice", "langage unknown"],
                ["email type", "user_type type", "active type"], ["totp_secret form"], ["otpauth form"],
                ["totp_secret choice"],
            ]))
    func faults(_ body: JSON, _ errors: [String]) throws {
        let answer = try fixture.send(.put, "/v1/users/sari", body)
        #expect(answer.status == 422)
        #expect(answer.problem == "invalid-fields")
        #expect(answer.errors == errors, "\(answer.body)")
        #expect(try fixture.send(.get, "/v1/users/sari").status == 404)
    }

    @Test("The nearest known field is named")
    func nearest() throws {
        let answer = try fixture.send(.put, "/v1/users/sari", ["emial": "s@example.org", "user_type": "penyedia"])
        #expect(answer.body["detail"].string?.contains("did you mean email?") == true, "\(answer.body)")
    }

    @Test("What can be no User ID makes no user and is none", arguments: ["a%20b", "b%C3%BCdi", "a%2Bb"])
    func badUserIDs(_ userID: String) throws {
        #expect(try fixture.send(.put, "/v1/users/\(userID)", Self.sari).errors == ["user_id form"])
        #expect(try fixture.send(.get, "/v1/users/\(userID)").problem == "unknown-user")
    }

    @Test("An application with user types of its own neither sees nor touches others")
    func userTypes() throws {
        let key = try fixture.addKey(ApplicationFixture.journal, scopes: Set(ApplicationScope.allCases))
        let headers: [String: String?] = ["Authorization": "Bearer \(key)"]
        #expect(try fixture.send(.get, "/v1/users/budi", nil, headers).problem == "unknown-user")
        #expect(try fixture.send(.delete, "/v1/users/budi", nil, headers).problem == "unknown-user")
        #expect(try fixture.send(.put, "/v1/users/budi", Self.sari, headers).problem == "forbidden")
        let foreign: JSON = ["email": "x@example.org", "user_type": "penyedia"]
        #expect(try fixture.send(.put, "/v1/users/x", foreign, headers).errors == ["user_type choice"])
        #expect(try fixture.send(.put, "/v1/users/sari", Self.sari, headers).status == 201)
        let request: JSON = ["user_id": "budi", "email": "budi@example.org", "user_type": "penyedia"]
        #expect(try fixture.send(.post, "/v1/reset-requests", request, headers).errors == ["user_type choice"])
    }
}

extension JSON {
    func replacing(_ name: String, with value: JSON) -> JSON { .object((object ?? [:]).merging([name: value]) { $1 }) }
}
