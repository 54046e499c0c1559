import Benchmarks

/// A line and how it is measured.
struct Benchmark: Sendable {
    let line: Line
    let run: @Sendable (Run) throws -> Void

    init(_ line: Line, _ run: @escaping @Sendable (Run) throws -> Void) {
        self.line = line
        self.run = run
    }

    /// In the order in which they are told: the way of a reset, people at the portal, applications, operators.
    static let all: [Benchmark] = [
        Pipeline.benchmark, SlowPipeline.benchmark, Acceptance.benchmark, Claiming.benchmark, Idle.benchmark,
        Order.benchmark, CaptchaPictures.benchmark, Login.benchmark, Saturation.benchmark, EnumerationTiming.benchmark,
        LoginDuringImport.benchmark, Applications.benchmark, ForwardAuth.benchmark, Tokens.benchmark,
        TokenEndpoint.benchmark, OperatorLatency.benchmark, BothEngines.benchmark, FourWorkers.benchmark,
        IdleOnPostgreSQL.benchmark, Flat.benchmark, HeldTransaction.benchmark, Soak.benchmark, Peers.benchmark,
    ]
}
