import Benchmarks
import Cryptography
import Domain
import Threading

/// Logins a second, page by page through the portal, against nothing but the argon2id that each of them needs, by libargon2 itself.
enum Login {
    static let benchmark = Benchmark(
        Line(
            "login",
            "Logins by User ID and password, page by page through the portal, over libargon2 alone on all cores.",
            target: "at least 0.95",
            limit:
                "Of the portal's CPU libargon2 takes 88 % and the wiping of its memory 5, so 0.93 is what four pages, "
                + "three commits and the kernel leave; who logs in takes a share of the same cores. From run to run the "
                + "ratio is 0.85 to 0.96.",
            seconds: 60, needs: [.program]), run)

    /// Of a round; each logs in once.
    private static let accounts = 400
    private static let password = "a password of everybody"

    static func run(_ run: Run) throws {
        let hash = try PasswordHasher().hash(Array(password.utf8), random: SystemRandom())
        let installation = try Installation(run.folder, accounts: accounts, passwordHashes: [hash])
        let portal = try installation.startPortal()
        defer { portal.stop() }
        let measure = Measure(
            "login", "logins/s", "Pulih's portal, 4 pages each", over: "libargon2 alone", .atLeast(0.95))
        try run.compare(measure) {
            // So many that no slot for a hash waits for a form.
            try perSecond(threads: 4 * cores) { number in
                let address = "10.1.\(number / 250).\(number % 250)"
                let client = try PortalClient(port: installation.portalPort, from: address)
                _ = try client.logIn("user\(number + 1)", password: password, leadsTo: 303)
            }
        } over: {
            try perSecond(threads: cores) { _ in
                guard BareArgon2.verify(Array(password.utf8), against: hash) else {
                    throw BenchFailure("not the password")
                }
            }
        }
    }

    private static func perSecond(threads: Int, _ body: @escaping @Sendable (Int) throws -> Void) throws -> Double {
        let next = Monitor(0)
        let failure = Monitor<String?>(nil)
        let time = seconds {
            let all = (0..<threads).map { number in
                Thread(name: "login-\(number)") {
                    while true {
                        let mine = next.withLock { next in
                            next += 1
                            return next - 1
                        }
                        guard mine < accounts else { return }
                        do { try body(mine) } catch { failure.withLock { $0 = "\(error)" } }
                    }
                }
            }
            for thread in all { thread.join() }
        }
        if let failure = failure.withLock({ $0 }) { throw BenchFailure(failure) }
        return Double(accounts) / time
    }
}
