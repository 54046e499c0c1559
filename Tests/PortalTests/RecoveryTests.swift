import Domain
import HTTPServer
import Store
import Support
import Testing

@Suite("Logging in with recovery codes")
struct RecoveryTests {
    /// New codes, as the page shows them.
    private func make(_ person: PortalClient) throws -> [String] {
        try person.get("/recovery-codes")
        try person.post("/recovery-codes")
        return person.page.text.matches(of: /[a-z2-7]{4}(?:-[a-z2-7]{4}){3}/).map { String($0.0) }
    }

    /// Codes of somebody who logged out again, and stands before the question for the code.
    private func enter(_ fixture: PortalFixture, failures: Int, of key: FailureKey) throws -> (PortalClient, [String]) {
        let person = try PortalClient(fixture)
        try person.logIn()
        let codes = try make(person)
        let now = fixture.scene.now
        try fixture.temporary.database.write { transaction in
            for _ in 1...failures { _ = try transaction.recordFailure(key, at: now, forgetBefore: nil) }
        }
        try person.get("/home")
        try person.post("/logout")
        try person.enter()
        try person.get("/login/code")
        return (person, codes)
    }

    @Test("Recovery codes are shown once, work once, and disabling makes them worthless")
    func recovery() throws {
        let fixture = try PortalFixture()
        let person = try PortalClient(fixture)
        try person.logIn()
        let codes = try make(person)
        #expect(codes.count == 10)
        #expect(try !person.get("/recovery-codes").text.contains(codes[0]))

        let elsewhere = try PortalClient(fixture)
        try elsewhere.enter()
        try elsewhere.get("/login/code")
        try elsewhere.post("/login/code", ["recovery_code": codes[0]])
        #expect(elsewhere.location == "/home")
        #expect(try fixture.scene.notices(.recovery) == 1)
        let again = try PortalClient(fixture)
        try again.enter()
        try again.get("/login/code")
        #expect(try again.post("/login/code", ["recovery_code": codes[0]]).status == 422)

        // Later the password is asked for again.
        fixture.scene.clock.advance(.minutes(11))
        try person.get("/recovery-codes")
        #expect(try person.post("/recovery-codes").status == 422)
        try person.get("/recovery-codes")
        #expect(try person.post("/recovery-codes", ["password": LoginScene.password]).status == 200)
        #expect(try again.post("/login/code", ["recovery_code": codes[1]]).status == 422)
    }

    @Test("Who has to wait with codes of the app need not wait with a recovery code")
    func waiting() throws {
        let fixture = try PortalFixture()
        let (person, codes) = try enter(fixture, failures: 6, of: .code(fixture.scene.budi))
        let forms = person.page.text.split(separator: "<form").map(String.init)
        #expect(forms.filter { $0.contains("data-countdown") }.count == 1)
        #expect(forms.contains { $0.contains("name=\"code\"") && $0.contains("data-countdown=\"20\"") })
        try person.post("/login/code", ["recovery_code": codes[0]])
        #expect(person.location == "/home")
    }

    @Test("Who has to wait with recovery codes need not wait with codes of the app")
    func waitingWithRecovery() throws {
        let fixture = try PortalFixture()
        let (person, codes) = try enter(fixture, failures: 5, of: .recovery(fixture.scene.budi))
        #expect(try person.post("/login/code", ["recovery_code": codes[0]]).status == 429)
        #expect(person.page.headers["Retry-After"] == "10")
        let forms = person.page.text.split(separator: "<form").map(String.init)
        #expect(forms.filter { $0.contains("data-countdown") }.count == 1)
        #expect(forms.contains { $0.contains("name=\"recovery_code\"") && $0.contains("data-countdown=\"10\"") })
        #expect(person.page.text.contains("<details open>"))
        fixture.scene.clock.advance(.seconds(30))
        try person.post("/login/code", ["code": try fixture.scene.code()])
        #expect(person.location == "/home")
    }

    @Test("After too many wrong codes a recovery code is the way in, where there is one")
    func stopped() throws {
        let fixture = try PortalFixture()
        let (person, codes) = try enter(fixture, failures: 100, of: .code(fixture.scene.budi))
        #expect(!person.page.text.contains("name=\"code\""))
        #expect(person.page.text.contains("Dengan kode pemulihan Anda tetap dapat login."))
        #expect(person.page.text.contains("name=\"recovery_code\""))
        try person.post("/login/code", ["recovery_code": codes[0]])
        #expect(person.location == "/home")
    }

    @Test("After too many wrong codes nobody without recovery codes is sent looking for one")
    func stoppedWithout() throws {
        let fixture = try PortalFixture()
        let (now, key) = (fixture.scene.now, FailureKey.code(fixture.scene.budi))
        try fixture.temporary.database.write { transaction in
            for _ in 1...100 { _ = try transaction.recordFailure(key, at: now, forgetBefore: nil) }
        }
        let person = try PortalClient(fixture)
        try person.enter()
        try person.get("/login/code")
        #expect(person.page.text.contains("Kode TOTP tidak dapat dicoba lagi"))
        #expect(!person.page.text.contains("pemulihan"))
    }
}
