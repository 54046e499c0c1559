import Cryptography
import Domain
import Foundation
import Store
import Support
import Testing

@Suite("Reset links at the desk")
struct ResetConfirmationTests {
    private let scene: ResetScene

    init() throws { scene = try ResetScene() }

    private func token(_ request: ResetRequest) -> String { scene.links.token(for: request) }

    private func isValid(_ state: ResetConfirmation.LinkStatus) -> Bool {
        if case .valid = state { true } else { false }
    }

    @Test("A fresh link is live and names its request and account")
    func live() throws {
        let request = try scene.openRequest()
        #expect(try scene.linkStatus(token(request)) == .valid(request, scene.account()))
    }

    @Test("Looking changes nothing, however often")
    func looking() throws {
        let request = try scene.openRequest()
        let before = try scene.fixture.dump()
        for _ in 0..<50 { _ = try scene.linkStatus(token(request)) }
        _ = try scene.linkStatus("nonsense")
        #expect(try scene.fixture.dump() == before)
    }

    @Test("Confirming clears the secret, spends the link, writes the audit event and queues the notice")
    func confirm() throws {
        let request = try scene.openRequest()
        let before = try scene.account()
        let now = scene.clock.advance(.minutes(5))
        #expect(try scene.confirm(token(request)) == .valid(request, before))
        let after = try scene.account()
        #expect((after.totp, after.generation) == (.none, before.generation + 1))
        #expect(try scene.linkStatus(token(request)) == .used)
        #expect(
            try scene.fixture.execute("SELECT name, actor, subject, address, detail, at FROM audit_event;")
                == "authn_totp_reset|budi|budi|192.0.2.9|request \(request.id)|\(now)")
        let notices = try scene.store.read { try $0.jobs(JobFilter(state: .ready, kind: "reset-notice"), limit: 9) }
        #expect(notices.map(\.createdAt) == [now])
        let payload = try JSONDecoder().decode(NoticePayload.self, from: Data((notices.first?.payload ?? "").utf8))
        #expect(payload == NoticePayload(account: scene.budi, at: now, address: "192.0.2.9"))
    }

    @Test("A hundred press the button at once: one of them did it, and it was done once")
    func parallel() throws {
        let request = try scene.openRequest()
        let (scene, token) = (scene, token(request))
        let standings = try inParallel(100) { _ in try scene.confirm(token) }
        #expect(standings.filter(isValid).count == 1)
        #expect(standings.filter { $0 == .used }.count == 99)
        #expect(try scene.account().generation == request.generation + 1)
        #expect(
            try scene.fixture.execute(
                "SELECT count(*) FROM audit_event; SELECT count(*) FROM job WHERE kind = 'reset-notice';") == "1\n1")
    }

    @Test("A hundred in two processes at once: one of them did it")
    func parallelProcesses() throws {
        let request = try scene.openRequest()
        let other = try scene.fixture.another()
        defer { other.close() }
        let (scene, token, now) = (scene, token(request), scene.clock.now())
        let standings = try inParallel(100) { thread in
            try (thread % 2 == 0 ? scene.store : other).write {
                try scene.desk.confirm(token, in: $0, at: now, from: "192.0.2.9")
            }
        }
        #expect(standings.filter(isValid).count == 1)
    }

    @Test("\"Bukan saya\" against the button: exactly one of them wins")
    func race() throws {
        var winners: Set<String> = []
        for round in 0..<20 {
            let request = try scene.openRequest("budi")
            let (scene, token) = (scene, token(request))
            let standings = try inParallel(8) { thread in
                try (thread + round) % 2 == 0 ? scene.confirm(token) : scene.cancel(token)
            }
            #expect(standings.filter(isValid).count == 1)
            let account = try scene.account()
            switch try scene.linkStatus(token) {
            case .used:
                #expect(account.totp == .none)
                winners.insert("confirm")
                try ResetScene.activate(scene.budi, in: scene.fixture)
            case .cancelled:
                #expect(account.totp == .active)
                winners.insert("cancel")
            case let other: #expect(Bool(false), "\(other)")
            }
            scene.clock.advance(.hours(1))
        }
        #expect(!winners.isEmpty)
    }

    @Test("Cancelling kills the link, keeps the secret and tells the operator")
    func cancel() throws {
        let request = try scene.openRequest()
        #expect(isValid(try scene.cancel(token(request))))
        #expect(try scene.cancel(token(request)) == .cancelled)
        #expect(try scene.confirm(token(request)) == .cancelled)
        #expect(try scene.linkStatus(token(request)) == .cancelled)
        #expect(try scene.account().totp == .active)
        #expect(
            try scene.fixture.execute("SELECT name, detail FROM audit_event;")
                == "authn_totp_reset_cancelled|request \(request.id) from 192.0.2.7")
    }

    @Test("A used link stays used, for confirming and cancelling alike")
    func used() throws {
        let request = try scene.openRequest()
        _ = try scene.confirm(token(request))
        let before = try scene.fixture.dump()
        #expect(try scene.confirm(token(request)) == .used)
        #expect(try scene.cancel(token(request)) == .used)
        scene.clock.advance(.days(9))
        #expect(try scene.linkStatus(token(request)) == .used)
        #expect(try scene.fixture.dump() == before)
    }

    @Test("A link lives to its end and not a millisecond longer")
    func expired() throws {
        let request = try scene.openRequest()
        scene.clock.set(request.expiresAt - .milliseconds(1))
        #expect(isValid(try scene.linkStatus(token(request))))
        scene.clock.set(request.expiresAt)
        #expect(try scene.linkStatus(token(request)) == .expired)
        #expect(try scene.confirm(token(request)) == .expired)
        #expect(try scene.cancel(token(request)) == .expired)
        #expect(try scene.account().totp == .active)
    }

    @Test("A newer request supersedes the link")
    func superseded() throws {
        let old = try scene.openRequest()
        let new = try scene.openRequest()
        #expect(try scene.linkStatus(token(old)) == .superseded)
        #expect(try scene.confirm(token(old)) == .superseded)
        #expect(isValid(try scene.linkStatus(token(new))))
    }

    @Test("A link made for one secret is stale for the next")
    func stale() throws {
        let request = try scene.openRequest()
        try ResetScene.activate(scene.budi, in: scene.fixture)
        #expect(try scene.linkStatus(token(request)) == .stale)
        #expect(try scene.confirm(token(request)) == .stale)
        #expect(try scene.cancel(token(request)) == .stale)
        #expect(try scene.account().totp == .active)
    }

    @Test("A link of an account that is no longer active is worth nothing")
    func inactive() throws {
        let request = try scene.openRequest()
        try scene.fixture.execute("UPDATE account SET active = 0;")
        #expect(try scene.linkStatus(token(request)) == .unknown)
        #expect(try scene.confirm(token(request)) == .unknown)
    }

    @Test("One account's token does not open another's request, and each flipped character is unknown")
    func unknown() throws {
        _ = try scene.newcomer("siti")
        let (mine, hers) = (token(try scene.openRequest("budi")), token(try scene.openRequest("siti")))
        let crossed = mine.prefix { $0 != "." } + hers.drop { $0 != "." }
        #expect(try scene.confirm(String(crossed)) == .unknown)
        for position in mine.indices {
            var forged = mine
            forged.replaceSubrange(position...position, with: mine[position] == "A" ? "B" : "A")
            #expect(try scene.linkStatus(forged) == .unknown, "\(forged)")
        }
        for nonsense in ["", ".", "x.y", mine + "\u{0}", mine + " ", "'; DROP TABLE job; --"] {
            #expect(try scene.confirm(nonsense) == .unknown)
        }
        #expect(isValid(try scene.linkStatus(mine)))
    }

    @Test("A row that was moved to another account is not what its token says")
    func movedRow() throws {
        let siti = try scene.newcomer("siti")
        let request = try scene.openRequest("budi")
        try scene.fixture.execute("UPDATE reset_request SET account = \(siti);")
        #expect(try scene.confirm(token(request)) == .unknown)
    }

    @Test("When something fails on the way, nothing has happened")
    func allOrNothing() throws {
        let request = try scene.openRequest()
        try scene.fixture.execute("CREATE TRIGGER broken BEFORE INSERT ON job BEGIN SELECT RAISE(ABORT, 'no'); END;")
        let before = try scene.fixture.dump()
        #expect(throws: StoreError.self) { try scene.confirm(token(request)) }
        #expect(try scene.fixture.dump() == before)
        #expect(isValid(try scene.linkStatus(token(request))))
    }
}
