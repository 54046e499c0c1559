import Glibc
import Threading

/// People who type wrong passwords, each for an account of their own and from an address of their own.
final class WrongLogins: Sendable {
    private let state = Monitor((next: 0, refused: 0, failure: String?.none, isStopped: false))
    private let threads = Monitor<[Thread]>([])

    init(_ installation: Installation, threads count: Int) {
        let all = (0..<count).map { number in
            Thread(name: "login-\(number)") { [state] in
                while let number = state.withLock({ state -> Int? in
                    state.next += 1
                    return state.isStopped ? nil : state.next
                }) {
                    do {
                        let status = try Self.logIn(number, installation.portalPort)
                        state.withLock { $0.refused += status == 422 ? 1 : 0 }
                        // Whoever is told that too many wait does wait.
                        if status != 422 { usleep(100_000) }
                    } catch {
                        state.withLock { $0.failure = "a wrong login: \(error)" }
                    }
                }
            }
        }
        threads.withLock { $0 = all }
    }

    /// Passwords that were checked so far.
    var refused: Int { state.withLock { $0.refused } }

    var failure: String? { state.withLock { $0.failure } }

    func stop() {
        state.withLock { $0.isStopped = true }
        for thread in threads.withLock({ $0 }) { thread.join() }
    }

    /// - Returns: the status of the answer: 422, or 503 when too many wait already.
    private static func logIn(_ number: Int, _ port: Int) throws -> Int {
        let client = try PortalClient(port: port, from: "10.\(number / 62_500).\(number / 250 % 250).\(number % 250)")
        let first = try client.get("/login")
        let fields = ["user_id": "user\(number % 20_000 + 1)", "user_type": "penyedia,non-penyedia"]
        guard try client.post("/login", fields, token: first).location == "/login/password" else {
            throw BenchFailure("the User ID was refused")
        }
        let second = try client.get("/login/password")
        let status = try client.post("/login/password", ["password": "a wrong one"], token: second).status
        guard [422, 429, 503].contains(status) else { throw BenchFailure("the password was answered \(status)") }
        return status
    }
}
