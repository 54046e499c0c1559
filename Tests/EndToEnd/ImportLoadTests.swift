import Cryptography
import Foundation
import Support
import Testing
import Threading

/// A table of accounts goes in while people work: nobody is turned away.
@Suite
struct ImportLoadTests {
    private static let accounts = 5_000

    @Test(
        "While accounts are imported people log in and ask for resets, and none is told to come back",
        arguments: TestEngine.allCases)
    func beside(_ engine: TestEngine) throws {
        let installation = try Installation(on: engine)
        let portal = try installation.start("portal")
        let hash = try PasswordHasher().hash(Array(Installation.password.utf8), random: SystemRandom())
        let lines = (1...Self.accounts).map {
            "new\($0),new\($0)@example.org,penyedia,\(Installation.secret),\"\(hash)\""
        }
        let table = try installation.folder.write(
            (["user_id,email,user_type,totp_secret,password_hash"] + lines).joined(separator: "\n"), to: "new.csv")
        let longest = Monitor(Duration.zero)
        let load = BackgroundLoad { _ in
            let start = ContinuousClock.now
            let isServed =
                try LoginClient(installation.portal).enter(Installation.sari) == "/login/code"
                && installation.ask(for: Installation.budi).status == 303
            longest.withLock { $0 = max($0, .now - start) }
            return isServed
        }
        try load.waitForCount(1)
        let before = load.count
        let imported = try Subprocess.run(
            try Binary.path(named: "pulih"), ["user", "import", table, "--config", installation.configuration],
            timeout: .seconds(120))
        let beside = load.count - before
        #expect(imported.exit == .code(0), "\(imported.error)")
        try load.stop()
        #expect(beside > 2, "they went on")
        #expect(longest.withLock { $0 } < .seconds(4), "\(longest.withLock { $0 })")
        #expect(try installation.execute("SELECT count(*) FROM account").trimmed == "\(Self.accounts + 3)")
        try portal.stop(timeout: .seconds(20))
    }
}
