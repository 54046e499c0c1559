import Benchmarks
import Cryptography
import Domain
import Threading

/// Logins while accounts with secrets and hashes are imported beside them, against logins on an idle machine.
enum LoginDuringImport {
    static let benchmark = Benchmark(
        Line(
            "import", "A login while 20,000 accounts are imported beside it, p50, over a login on an idle machine.",
            seconds: 40, needs: [.program]), run)

    /// Of each round.
    private static let accounts = 20_000
    private static let people = 50
    private static let password = "a password of everybody"

    static func run(_ run: Run) throws {
        let hash = try PasswordHasher().hash(Array(password.utf8), random: SystemRandom())
        let installation = try Installation(run.folder, accounts: people, passwordHashes: [hash])
        let portal = try installation.startPortal()
        defer { portal.stop() }
        var attempts = 0
        func logIn() throws -> Double {
            attempts += 1
            let address = "10.2.\(attempts / 250 % 250).\(attempts % 250)"
            let client = try PortalClient(port: installation.portalPort, from: address)
            let userID = "user\(attempts % people + 1)"
            return try seconds { _ = try client.logIn(userID, password: password, leadsTo: 303) } * 1000
        }
        var (longest, times): (Double, [Double]) = (0, [])
        let measure = Measure("import, a login beside it, p50", "ms", "beside the import", over: "idle machine")
        try run.compare([measure]) { round in
            let list = try list(round, hash, run.folder)
            let importTime = Monitor<Double?>(nil)
            let importer = Thread(name: "import") {
                let time = try? seconds { try installation.run(["user", "import", list]) }
                importTime.withLock { $0 = time ?? .nan }
            }
            var beside: [Double] = []
            while importTime.withLock({ $0 }) == nil { beside.append(try logIn()) }
            importer.join()
            guard let time = importTime.withLock({ $0 }), !time.isNaN else { throw BenchFailure("the import failed") }
            times.append(time)
            longest = max(longest, beside.max() ?? 0)
            return [(median(beside), median(try (0..<60).map { _ in try logIn() }))]
        }
        run.tell("import of \(accounts) accounts with secrets and hashes", median(times), "s")
        run.tell("the longest login beside it", longest, "ms")
    }

    private static func list(_ round: Int, _ hash: String, _ folder: WorkFolder) throws -> String {
        let rest = "penyedia,JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP,\"\(hash)\""
        let lines = (1...accounts).map { number in
            "new\(round)-\(number),new\(round)-\(number)@example.org,\(rest)"
        }
        let path = folder.fresh("accounts.csv")
        try folder.write(
            (["user_id,email,user_type,totp_secret,password_hash"] + lines).joined(separator: "\n"), to: path)
        return path
    }
}
