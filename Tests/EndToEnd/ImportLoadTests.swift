import Cryptography
import Foundation
import Support
import Testing
import Threading

/// A table of accounts goes in while people work: nobody is turned away, or kept waiting for long.
@Suite
struct ImportLoadTests {
    @Test("While accounts are imported people log in and ask for resets", arguments: TestEngine.allCases)
    func beside(_ engine: TestEngine) throws {
        let installation = try Installation(on: engine)
        let (people, longest) = try load(installation, importing: 5_000, by: installation.configuration)
        #expect(people > 2)
        #expect(longest < .seconds(4), "\(longest)")
    }

    @Test("The importing machine may be far away from the server")
    func fromAfar() throws {
        let server = try PostgreSQLPeer()
        let installation = try Installation(on: .postgreSQL, of: server)
        let way = try LongWay(to: server, milliseconds: 10)
        let text = try installation.folder.read("pulih.json5")
        let far = try installation.folder.write(
            text.replacingOccurrences(of: "127.0.0.1:\(server.port)/", with: "127.0.0.1:\(way.port)/"), to: "far.json5")
        let (people, longest) = try load(installation, importing: 150, by: far)
        #expect(people > 2)
        #expect(longest < .seconds(4), "\(longest)")
        withExtendedLifetime(way) {}
    }

    /// Somebody logs in and asks for a reset again and again while accounts are imported.
    /// - Parameter configuration: the importing machine's.
    /// - Returns: how often that went well meanwhile, and how long it took at most.
    private func load(
        _ installation: Installation, importing count: Int, by configuration: String
    ) throws -> (people: Int, longest: Duration) {
        let portal = try installation.start("portal")
        let hash = try PasswordHasher().hash(Array(Installation.password.utf8), random: SystemRandom())
        let lines = (1...count).map {
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
            try Binary.path(named: "pulih"), ["user", "import", table, "--config", configuration],
            timeout: .seconds(120))
        let people = load.count - before
        #expect(imported.exit == .code(0), "\(imported.error)")
        try load.stop()
        #expect(try installation.execute("SELECT count(*) FROM account").trimmed == "\(count + 3)")
        try portal.stop(timeout: .seconds(20))
        return (people, longest.withLock { $0 })
    }
}
