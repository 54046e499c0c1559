import Cryptography
import Domain
import Threading

/// Logins while 100,000 accounts with secrets and hashes are imported beside them, against logins on an idle machine.
enum LoginDuringImport {
    private static let accounts = 100_000
    private static let people = 50
    private static let password = "a password of everybody"

    static func run(_ folder: WorkFolder) throws {
        let hash = try PasswordHasher().hash(Array(password.utf8), random: SystemRandom())
        let installation = try Installation(
            folder, relayPort: Sink.port() + 30, lanes: 1, accounts: people, passwordHashes: [hash])
        let portal = try installation.start("portal", log: folder.fresh("portal"))
        defer { portal.stop() }
        try portal.answers(on: installation.portalPort)
        let lines = (1...accounts).map { number in
            "new\(number),new\(number)@example.org,penyedia,JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP,\"\(hash)\""
        }
        let list = folder.fresh("accounts.csv")
        try folder.write(
            (["user_id,email,user_type,totp_secret,password_hash"] + lines).joined(separator: "\n"), to: list)

        let isDone = Monitor(false)
        var attempts = 0
        func logIn() throws -> Double {
            attempts += 1
            let client = try PortalClient(
                port: installation.portalPort, from: "10.2.\(attempts / 250 % 250).\(attempts % 250)")
            let userID = "user\(attempts % people + 1)"
            return try seconds { _ = try client.logIn(userID, password: password, leadsTo: 303) }
        }
        let idle = try (0..<200).map { _ in try logIn() }
        let importTime = Monitor<Double?>(nil)
        let importer = Thread(name: "import") {
            let time = try? seconds { try installation.run(["user", "import", list]) }
            importTime.withLock { $0 = time }
            isDone.withLock { $0 = true }
        }
        var beside: [Double] = []
        while !isDone.withLock({ $0 }) { beside.append(try logIn()) }
        importer.join()
        guard let time = importTime.withLock({ $0 }) else { throw BenchFailure("the import failed") }
        func text(_ times: [Double]) -> String {
            "p50 \(whole(median(times) * 1000)), p99 \(whole(percentile(times, 0.99) * 1000)), longest "
                + "\(whole((times.max() ?? 0) * 1000)) ms of \(times.count)"
        }
        printLine(
            "import of \(accounts) accounts: \(hundredths(time)) s; logins idle \(text(idle)); logins beside it "
                + "\(text(beside)); ratio of p50 \(hundredths(median(beside) / median(idle)))")
    }
}
