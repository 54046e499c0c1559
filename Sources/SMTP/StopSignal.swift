import Synchronization

/// Asks the transfers that were given it to stop, from any thread; they notice within about a second.
///
/// A message whose end was already sent ends as `unknown` unless its answer had come: raise the signal
/// only when waiting longer is worse.
package final class StopSignal: Sendable {
    private let raised = Atomic(false)

    package init() {}

    package func raise() {
        raised.store(true, ordering: .relaxed)
    }

    var isRaised: Bool {
        raised.load(ordering: .relaxed)
    }
}
