import Domain
import Store
import Support
import Testing

@Suite("Accounts in the store")
struct AccountTests {
    private func account(_ userID: String, email: String = "budi@example.org") throws -> NewAccount {
        NewAccount(
            userID: try #require(UserID(userID)), userType: "penyedia", email: try #require(EmailAddress(email)),
            language: .english, passwordHash: nil)
    }

    @Test("What was inserted is read back whole, by id and by User ID", arguments: TestEngine.allCases)
    func insert(engine: TestEngine) throws {
        let fixture = try TemporaryDatabase(on: engine)
        let (database, now) = (fixture.database, fixture.clock.now())
        let new = try account("budi")
        let id = try database.write { try $0.insert(new, at: now) }
        let expected = Account(
            id: id, userID: "budi", userType: "penyedia", email: "budi@example.org", language: .english, isActive: true,
            totp: .none, generation: 0, createdAt: now)
        #expect(try database.read { try $0.account(id: id) } == expected)
        #expect(try database.read { try $0.account(userID: "budi") } == expected)
        for typed in ["BUDI", " Budi\r\n", "\u{a0}buDI\u{3000}"] {
            #expect(try database.read { try $0.account(userID: typed) } == expected)
        }
        #expect(try database.read { try $0.account(userID: "bud\u{131}") } == nil)
        #expect(try database.read { try $0.account(userID: "nobody") } == nil)
    }

    @Test("A User ID that is taken is refused with a sentence", arguments: TestEngine.allCases)
    func taken(engine: TestEngine) throws {
        let fixture = try TemporaryDatabase(on: engine)
        let (database, now) = (fixture.database, fixture.clock.now())
        let new = try account("budi")
        _ = try database.write { try $0.insert(new, at: now) }
        let error = try #require(throws: StoreError.self) { try database.write { try $0.insert(new, at: now) } }
        #expect(error.sentence == "There is an account with User ID budi already.")
        let twin = try account("Budi")
        #expect(throws: StoreError.self) { try database.write { try $0.insert(twin, at: now) } }
    }

    @Test("Accounts are listed in the order of their User IDs, page by page", arguments: TestEngine.allCases)
    func pages(engine: TestEngine) throws {
        let fixture = try TemporaryDatabase(on: engine)
        let (database, now) = (fixture.database, fixture.clock.now())
        for name in ["c", "a", "d", "B"] {
            let new = try account(name)
            _ = try database.write { try $0.insert(new, at: now) }
        }
        let first = try database.read { try $0.accounts(after: "", limit: 2).map(\.userID) }
        let second = try database.read { try $0.accounts(after: "a", limit: 9).map(\.userID) }
        #expect(first == ["a", "B"])
        #expect(second == ["B", "c", "d"])
    }

    @Test(
        "An account is renamed, to another case of its name too, and never to the name of another",
        arguments: TestEngine.allCases)
    func rename(engine: TestEngine) throws {
        let fixture = try TemporaryDatabase(on: engine)
        let (database, now) = (fixture.database, fixture.clock.now())
        let accounts = [try account("budi"), try account("siti")]
        let ids = try database.write { transaction in try accounts.map { try transaction.insert($0, at: now) } }
        func rename(_ name: String) throws {
            let userID = try #require(UserID(name))
            try database.write { try $0.rename(account: ids[0], to: userID) }
        }
        try rename("Budi")
        #expect(try database.read { try $0.account(userID: "budi")?.userID } == "Budi")
        try rename("budi.santoso")
        #expect(try database.read { try $0.account(userID: "budi") } == nil)
        let error = #expect(throws: StoreError.self) { try rename("SITI") }
        #expect(error?.sentence == "There is an account with User ID SITI already.")
    }

    @Test("A secret is set for a generation and cleared for that generation alone", arguments: TestEngine.allCases)
    func secret(engine: TestEngine) throws {
        let fixture = try TemporaryDatabase(on: engine)
        let (database, now) = (fixture.database, fixture.clock.now())
        let new = try account("budi")
        let id = try database.write { transaction in
            let id = try transaction.insert(new, at: now)
            try transaction.setSecret(
                account: id, sealed: [1, 2, 3], isWeak: false, generation: 4, parameters: .standard, state: .active)
            return id
        }
        #expect(try database.read { try $0.account(id: id)?.totp } == .active)
        #expect(try database.read { try $0.account(id: id)?.generation } == 4)
        #expect(try !database.write { try $0.clearSecret(account: id, generation: 3) })
        #expect(try database.write { try $0.clearSecret(account: id, generation: 4) })
        #expect(try !database.write { try $0.clearSecret(account: id, generation: 4) })
        let cleared = try #require(try database.read { try $0.account(id: id) })
        #expect((cleared.totp, cleared.generation) == (.none, 5))
    }
}
