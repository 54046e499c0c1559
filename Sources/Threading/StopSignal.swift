/// Asks work that was given it to stop, from any thread. Whether and when the work notices is its own affair.
package final class StopSignal: Sendable {
    private let raised = Monitor(false)

    package init() {}

    package func raise() { raised.withLock { $0 = true } }

    package var isRaised: Bool { raised.withLock { $0 } }
}
