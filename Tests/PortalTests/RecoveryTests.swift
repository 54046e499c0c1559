import Domain
import HTTPServer
import Store
import Support
import Testing

@Suite("Logging in with recovery codes")
struct RecoveryTests {
    /// New codes, as the page shows them.
    private func make(_ person: Person) throws -> [String] {
        try person.get("/recovery-codes")
        try person.post("/recovery-codes")
        return person.page.text.matches(of: /[a-z2-7]{4}(?:-[a-z2-7]{4}){3}/).map { String($0.0) }
    }

    /// Codes of somebody who logged out again, and stands before the question for the code.
    private func enter(_ house: PortalHouse, failures: Int, of key: FailureKey) throws -> (Person, [String]) {
        let person = try Person(house)
        try person.logIn()
        let codes = try make(person)
        let now = house.scene.now
        try house.store.database.write { store in
            for _ in 1...failures { _ = try store.recordFailure(key, at: now, forgetBefore: nil) }
        }
        try person.get("/home")
        try person.post("/logout")
        try person.enter()
        try person.get("/login/code")
        return (person, codes)
    }

    @Test("Recovery codes are shown once, work once, and disabling makes them worthless")
    func recovery() throws {
        let house = try PortalHouse()
        let person = try Person(house)
        try person.logIn()
        let codes = try make(person)
        #expect(codes.count == 10)
        #expect(try !person.get("/recovery-codes").text.contains(codes[0]))

        let elsewhere = try Person(house)
        try elsewhere.enter()
        try elsewhere.get("/login/code")
        try elsewhere.post("/login/code", ["recovery_code": codes[0]])
        #expect(elsewhere.location == "/home")
        #expect(try house.scene.notices(.recovery) == 1)
        let again = try Person(house)
        try again.enter()
        try again.get("/login/code")
        #expect(try again.post("/login/code", ["recovery_code": codes[0]]).status == 422)

        // Later the password is asked for again.
        house.scene.clock.advance(.minutes(11))
        try person.get("/recovery-codes")
        #expect(try person.post("/recovery-codes").status == 422)
        try person.get("/recovery-codes")
        #expect(try person.post("/recovery-codes", ["password": LoginScene.password]).status == 200)
        #expect(try again.post("/login/code", ["recovery_code": codes[1]]).status == 422)
    }

    @Test("Who has to wait with codes of the app need not wait with a recovery code")
    func waiting() throws {
        let house = try PortalHouse()
        let (person, codes) = try enter(house, failures: 6, of: .code(house.scene.budi))
        let forms = person.page.text.split(separator: "<form").map(String.init)
        #expect(forms.filter { $0.contains("data-countdown") }.count == 1)
        #expect(forms.contains { $0.contains("name=\"code\"") && $0.contains("data-countdown=\"20\"") })
        try person.post("/login/code", ["recovery_code": codes[0]])
        #expect(person.location == "/home")
    }

    @Test("Who has to wait with recovery codes need not wait with codes of the app")
    func waitingWithRecovery() throws {
        let house = try PortalHouse()
        let (person, codes) = try enter(house, failures: 5, of: .recovery(house.scene.budi))
        #expect(try person.post("/login/code", ["recovery_code": codes[0]]).status == 429)
        #expect(person.page.headers["Retry-After"] == "10")
        let forms = person.page.text.split(separator: "<form").map(String.init)
        #expect(forms.filter { $0.contains("data-countdown") }.count == 1)
        #expect(forms.contains { $0.contains("name=\"recovery_code\"") && $0.contains("data-countdown=\"10\"") })
        #expect(person.page.text.contains("<details open>"))
        house.scene.clock.advance(.seconds(30))
        try person.post("/login/code", ["code": try house.scene.code()])
        #expect(person.location == "/home")
    }

    @Test("After too many wrong codes a recovery code is the way in, where there is one")
    func stopped() throws {
        let house = try PortalHouse()
        let (person, codes) = try enter(house, failures: 100, of: .code(house.scene.budi))
        #expect(!person.page.text.contains("name=\"code\""))
        #expect(person.page.text.contains("Dengan kode pemulihan Anda tetap dapat login."))
        #expect(person.page.text.contains("name=\"recovery_code\""))
        try person.post("/login/code", ["recovery_code": codes[0]])
        #expect(person.location == "/home")
    }

    @Test("After too many wrong codes nobody without recovery codes is sent looking for one")
    func stoppedWithout() throws {
        let house = try PortalHouse()
        let (now, key) = (house.scene.now, FailureKey.code(house.scene.budi))
        try house.store.database.write { store in
            for _ in 1...100 { _ = try store.recordFailure(key, at: now, forgetBefore: nil) }
        }
        let person = try Person(house)
        try person.enter()
        try person.get("/login/code")
        #expect(person.page.text.contains("Kode TOTP tidak dapat dicoba lagi"))
        #expect(!person.page.text.contains("pemulihan"))
    }
}
