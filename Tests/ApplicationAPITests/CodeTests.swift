import Domain
import Foundation
import HTTPServer
import Support
import Testing

/// `…/verify`, enrollment and recovery codes.
@Suite struct CodeTests {
    @Test("A right code is accepted once; drift, typing and words are those of the portal")
    func accepted() throws {
        let fixture = try ApplicationFixture()
        let code = try fixture.scene.code()
        let typed = "\(code.prefix(3)) \(code.suffix(3))\u{200E}"
        let accepted = try fixture.verify(typed, ["address": "203.0.113.9", "browser": "Firefox"], of: "BUDI")
        #expect(accepted.status == 200)
        #expect(accepted.body == ["result": "accepted", "activated": false, "clock_off_seconds": 0])
        let again = try fixture.verify(code)
        #expect(again.body["result"] == "replayed")
        #expect(again.body["retry_after"] == 30)
        fixture.scene.clock.advance(.seconds(60))
        let early = try fixture.verify(try fixture.scene.code(secondsOff: 30))
        #expect(early.body == ["result": "accepted", "activated": false, "clock_off_seconds": 30])
        #expect(
            try fixture.audit() == [
                "authn_code_success application:e-katalog budi 203.0.113.9 (Firefox) ",
                "authn_token_reuse application:e-katalog budi e-Katalog ",
                "authn_code_success application:e-katalog budi e-Katalog ",
            ])
    }

    @Test("Wrong codes slow down, are told by mail from the tenth on, and stop at the hundredth, as at the portal")
    func throttle() throws {
        let fixture = try ApplicationFixture()
        for _ in 1...4 { #expect(try fixture.verify("000000").body == ["result": "wrong"]) }
        let fifth = try fixture.verify("000000")
        #expect(fifth.body["result"] == "wait")
        let seconds = try #require(fifth.body["retry_after"].number)
        #expect(seconds > 0)
        #expect(try fixture.verify(try fixture.scene.code()).body["result"] == "wait", "a right one waits too")
        fixture.scene.clock.advance(.seconds(Int64(seconds)))
        #expect(try fixture.verify(try fixture.scene.code()).body["result"] == "accepted")

        var result = ""
        for _ in 1...400 where result != "stopped" {
            fixture.scene.clock.advance(.hours(2))
            result = try fixture.verify("000000").body["result"].string ?? ""
        }
        #expect(result == "stopped")
        #expect(try fixture.jobs() == ["failure-notice"])
        #expect(try fixture.verify(try fixture.scene.code()).body == ["result": "stopped"])
    }

    @Test("What cannot be a code costs no attempt", arguments: ["12345", "abcdef", "1234567", "-", "１２３"])
    func malformed(_ code: String) throws {
        let fixture = try ApplicationFixture()
        for _ in 1...20 { #expect(try fixture.verify(code).body == ["result": "malformed"]) }
        #expect(try fixture.verify(try fixture.scene.code()).body["result"] == "accepted")
    }

    @Test("Without a secret, deactivated, or with one that does not open nobody gets in")
    func notActive() throws {
        let fixture = try ApplicationFixture(state: .none)
        #expect(try fixture.verify("123456").body == ["result": "not-active"])
        try fixture.scene.give(fixture.scene.budi, fixture.scene.secret)
        _ = try fixture.scene.fixture.execute("UPDATE account SET active = 0;")
        #expect(try fixture.verify(try fixture.scene.code()).body == ["result": "not-active"])
        _ = try fixture.scene.fixture.execute("UPDATE account SET active = 1, totp_secret = x'00';")
        let unreadable = try fixture.verify(try fixture.scene.code())
        #expect(unreadable.status == 500)
        #expect(unreadable.problem == "secret-unreadable", "not-active would tell that no code is due")
        #expect(try fixture.audit().last?.hasPrefix("crypt_decrypt_fail application:e-katalog budi") == true)
    }

    @Test("Of 200 equal codes at once exactly one is accepted")
    func parallel() throws {
        let fixture = try ApplicationFixture()
        let code = try fixture.scene.code()
        let results = try inParallel(200) { _ in try fixture.verify(code).body["result"].string ?? "" }
        #expect(results.filter { $0 == "accepted" }.count == 1)
        #expect(results.filter { $0 == "replayed" }.count == 199)
    }

    @Test("A secret is pending, and shown again, until verify accepts its first code; then it is shown no more")
    func enrollment() throws {
        let fixture = try ApplicationFixture(state: .none)
        let first = try fixture.send(.post, "/v1/users/budi/enrollment", ["address": "203.0.113.9"])
        #expect(first.status == 201)
        let secret = try #require(first.body["secret"].string)
        #expect(first.body["otpauth"].string?.hasPrefix("otpauth://totp/Pulih:budi?secret=\(secret)&") == true)
        #expect(first.body["qr_svg"].string?.hasPrefix("<svg ") == true)
        let again = try fixture.send(.post, "/v1/users/budi/enrollment")
        #expect(again.status == 200)
        #expect(again.body == first.body)
        #expect(try fixture.send(.get, "/v1/users/budi").body["totp"] == "pending")

        let accepted = try fixture.verify(try fixture.scene.code(of: secret))
        #expect(accepted.body["activated"] == true)
        #expect(try fixture.send(.get, "/v1/users/budi").body["totp"] == "active")
        #expect(try fixture.send(.post, "/v1/users/budi/enrollment").problem == "totp-active")
        #expect(try fixture.jobs() == ["activation-notice"])
    }

    @Test("Clearing a secret ends sessions and recovery codes, mails the owner and says why to the audit log")
    func reset() throws {
        let fixture = try ApplicationFixture()
        guard case .accepted = try fixture.scene.attempt() else { throw SupportFailure("no login") }
        #expect(try fixture.send(.post, "/v1/users/budi/recovery-codes").status == 201)
        let cleared = try fixture.send(.delete, "/v1/users/budi/totp", ["reason": "came to the desk"])
        #expect(cleared.status == 200)
        #expect(cleared.body["totp"] == "none")
        #expect(cleared.body["recovery_codes_left"] == 0)
        #expect(try fixture.jobs() == ["reset-notice"])
        #expect(try fixture.scene.fixture.execute("SELECT count(*) FROM session;") == "0")
        #expect(
            try fixture.audit().last
                == "authn_totp_reset application:e-katalog budi e-Katalog came to the desk")
        #expect(try fixture.send(.delete, "/v1/users/budi/totp").problem == "totp-not-active")
    }

    @Test("Recovery codes are shown once, each is good once, and they need TOTP")
    func recovery() throws {
        let fixture = try ApplicationFixture()
        let made = try fixture.send(.post, "/v1/users/budi/recovery-codes")
        let codes = (made.body["codes"].array ?? []).compactMap(\.string)
        #expect(codes.count == 10)
        @Sendable func spend(_ code: String) throws -> JSON {
            try fixture.send(.post, "/v1/users/budi/recovery-codes/verify", ["code": .string(code)]).body
        }
        #expect(try spend(codes[0].uppercased()) == ["result": "accepted", "remaining": 9])
        #expect(try spend(codes[0]) == ["result": "wrong"])
        #expect(try spend("x") == ["result": "malformed"])
        #expect(try fixture.jobs() == ["recovery-notice"])
        let results = try inParallel(50) { _ in try spend(codes[1])["result"].string ?? "" }
        #expect(results.filter { $0 == "accepted" }.count == 1)

        _ = try fixture.send(.delete, "/v1/users/budi/totp")
        #expect(try spend(codes[2]) == ["result": "not-active"])
        #expect(try fixture.send(.post, "/v1/users/budi/recovery-codes").problem == "totp-not-active")
    }

    @Test("The policy is told with the user")
    func policy() throws {
        let fixture = try ApplicationFixture()
        let now = fixture.scene.now
        try fixture.scene.store.write { transaction in
            try transaction.addPolicyRule(
                PolicyRule(scope: "penyedia", requiresTOTP: false, from: now, madeAt: now), by: "operator:test")
        }
        #expect(try fixture.send(.get, "/v1/users/budi").body["totp_required"] == false)
    }
}
