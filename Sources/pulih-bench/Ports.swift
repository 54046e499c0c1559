import Glibc
import Threading

/// Ports of this machine that nothing listens on.
enum Ports {
    /// Below those that the kernel gives to outgoing connections.
    private static let range = 12_000..<32_000
    private static let given = Monitor<Set<Int>>([])

    /// Never the same twice in a run.
    static func free() throws -> Int {
        for _ in 0..<1_000 {
            let port = Int.random(in: range)
            if isFree(port), given.withLock({ $0.insert(port).inserted }) { return port }
        }
        throw BenchFailure("no port is free")
    }

    private static func isFree(_ port: Int) -> Bool {
        guard let descriptor = try? listenLoopback(port: port) else { return false }
        close(descriptor)
        return true
    }
}
