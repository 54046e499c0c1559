import Domain
import Support
import Testing

@testable import Store

@Suite("Secrets sealed anew")
struct SealedSecretTests {
    @Test(
        "A new seal goes around the secret of its own generation alone, and nothing else of the account changes",
        arguments: TestEngine.allCases)
    func guarded(engine: TestEngine) throws {
        let scene = try LoginScene(on: engine)
        let transaction = scene.store
        let account = try scene.account()
        let before = try #require(try transaction.read { try $0.credentials(account: account.id) })
        let stale = SealedSecret(account: account.id, generation: account.generation - 1, sealed: [1])
        let fresh = SealedSecret(account: account.id, generation: account.generation, sealed: [2])
        #expect(try !transaction.write { try $0.reseal(stale) })
        #expect(try transaction.read { try $0.credentials(account: account.id) }?.sealedSecret == before.sealedSecret)
        #expect(try transaction.write { try $0.reseal(fresh) })
        let after = try #require(try transaction.read { try $0.credentials(account: account.id) })
        #expect(after.sealedSecret == [2])
        #expect(after.lastStep == before.lastStep && after.passwordHash == before.passwordHash)
        #expect(try transaction.read { try $0.sealedSecrets(after: 0, limit: 10) } == [fresh])

        // A secret that was cleared meanwhile stays cleared.
        #expect(try transaction.write { try $0.clearSecret(account: account.id, generation: account.generation) })
        let late = SealedSecret(account: account.id, generation: account.generation + 1, sealed: [3])
        #expect(try !transaction.write { try $0.reseal(late) })
        #expect(try transaction.read { try $0.sealedSecrets(after: 0, limit: 10) } == [])
    }
}
