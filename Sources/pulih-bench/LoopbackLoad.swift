import Glibc

/// Many requests over 64 connections at once.
enum LoopbackLoad {
    private static let connections = 64

    /// One thread for all connections: so many threads of a client would take the cores from the server.
    /// - Parameters:
    ///   - requests: sent in this order, each as soon as a connection is free.
    ///   - waits: receives the seconds that each answer took.
    ///   - text: what every answer must hold.
    /// - Returns: requests a second.
    static func drive(
        _ port: Int, _ requests: [[UInt8]], into waits: inout [Double], expecting text: String
    ) throws -> Double {
        let clients = try (0..<connections).map { _ in try LoopbackClient(port: port) }
        var polled = clients.map { pollfd(fd: $0.socketNumber, events: Int16(POLLIN), revents: 0) }
        var begun = Array(repeating: ContinuousClock.now, count: connections)
        var (next, done) = (0, 0)
        func begin(_ index: Int) throws {
            guard next < requests.count else { return }
            begun[index] = ContinuousClock.now
            try clients[index].begin(requests[next])
            next += 1
        }
        let time = try seconds {
            for index in clients.indices { try begin(index) }
            while done < requests.count {
                guard poll(&polled, nfds_t(polled.count), 10_000) > 0 else {
                    throw BenchFailure("no answer within 10 s")
                }
                for index in polled.indices where polled[index].revents != 0 {
                    guard let isRight = try clients[index].receive(expecting: text) else { continue }
                    guard isRight else { throw BenchFailure("another answer than \(text)") }
                    waits.append(Double((ContinuousClock.now - begun[index]) / .nanoseconds(1)) / 1e9)
                    done += 1
                    try begin(index)
                }
            }
        }
        return Double(requests.count) / time
    }
}
