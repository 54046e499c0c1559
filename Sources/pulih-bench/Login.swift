import Cryptography
import Domain
import Glibc
import Threading

/// Logins a second, page by page through the portal, against nothing but the argon2id that each of them needs.
enum Login {
    private static let accounts = 200
    private static let password = "a password of everybody"

    static func run(_ folder: WorkFolder) throws {
        let hash = try PasswordHasher().hash(Array(password.utf8), random: SystemRandom())
        let installation = try Installation(
            folder, relayPort: Sink.port() + 10, lanes: 1, accounts: accounts, passwordHashes: [hash])
        let portal = try installation.start("portal", log: folder.fresh("portal"))
        defer { portal.stop() }
        try portal.answers(on: installation.portalPort)
        let cores = Int(sysconf(Int32(_SC_NPROCESSORS_ONLN)))
        try compare(
            "login", unit: "logins/s", rounds: 5,
            ("User ID and password through the portal", { try throughPortal(installation, threads: 4 * cores) }),
            ("libargon2 alone", { try hashesAlone(hash, threads: cores) }))
    }

    private static func throughPortal(_ installation: Installation, threads: Int) throws -> Double {
        try perSecond(threads: threads) { number in
            let client = try PortalClient(port: installation.portalPort, from: "10.1.\(number / 250).\(number % 250)")
            _ = try client.logIn("user\(number + 1)", password: password, leadsTo: 303)
        }
    }

    private static func hashesAlone(_ hash: String, threads: Int) throws -> Double {
        try perSecond(threads: threads) { _ in
            guard BareArgon2.verify(Array(password.utf8), against: hash) else { throw BenchFailure("not the password") }
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
