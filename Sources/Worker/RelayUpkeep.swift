import Domain
import Threading

/// What is done for relays beside the mails, by a thread of its own, since each may take its time: connections to those
/// that were at fault, and new tokens before the old ones end.
final class RelayUpkeep: Sendable {
    private struct State: Sendable {
        var checks: [String] = []
        var isRenewalDue = false
        var results: [CheckResult] = []
        var tokens: [String: RelayToken] = [:]
        var isBusy = false
        var isClosed = false
    }

    struct CheckResult: Sendable {
        let relay: String
        let delivery: Delivery
    }

    private enum Duty {
        case check(String)
        case renewTokens
        case end
    }

    private let state = Monitor(State())
    private let equipment: CurrentEquipment
    private let clock: any Clock
    private let onResult: @Sendable () -> Void

    /// - Parameter onResult: called after each connection.
    init(_ equipment: CurrentEquipment, clock: any Clock, onResult: @escaping @Sendable () -> Void) {
        self.equipment = equipment
        self.clock = clock
        self.onResult = onResult
    }

    /// Wants connections to be made to these relays.
    func check(_ relays: [String]) {
        guard !relays.isEmpty else { return }
        state.withLock { $0.checks += relays }
    }

    func renewTokens() { state.withLock { $0.isRenewalDue = true } }

    func close() { state.withLock { $0.isClosed = true } }

    var isBusy: Bool { state.withLock { $0.isBusy } }

    /// How things stand with each relay's token.
    var tokens: [String: RelayToken] { state.withLock { $0.tokens } }

    /// What came of the connections since the last call.
    func takeResults() -> [CheckResult] {
        state.withLock { state in
            defer { state.results = [] }
            return state.results
        }
    }

    func run() {
        while true {
            let duty: Duty? = state.wait { state in
                state.isBusy = false
                guard !state.isClosed else { return .end }
                if !state.checks.isEmpty {
                    state.isBusy = true
                    return .check(state.checks.removeFirst())
                }
                guard state.isRenewalDue else { return nil }
                state.isRenewalDue = false
                state.isBusy = true
                return .renewTokens
            }
            switch duty ?? .end {
            case .check(let name): perform(checkOf: name)
            case .renewTokens: perform()
            case .end: return
            }
        }
    }

    private func perform(checkOf name: String) {
        guard let relay = equipment.newest.equipment.relay(name) else { return }
        let result = CheckResult(relay: name, delivery: relay.courier().check())
        state.withLock { $0.results.append(result) }
        onResult()
    }

    private func perform() {
        var tokens: [String: RelayToken] = [:]
        for relay in equipment.newest.equipment.relays {
            if let token = relay.token(clock.now()) { tokens[relay.name] = token }
        }
        state.withLock { [tokens] in $0.tokens = tokens }
    }
}
