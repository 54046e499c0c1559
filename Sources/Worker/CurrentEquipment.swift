import Threading

/// The equipment in use, with a number that tells one from the next.
final class CurrentEquipment: Sendable {
    private let state: Monitor<(version: Int, equipment: Worker.Equipment)>

    init(_ equipment: Worker.Equipment) { state = Monitor((0, equipment)) }

    var newest: (version: Int, equipment: Worker.Equipment) { state.withLock { $0 } }

    func exchange(_ equipment: Worker.Equipment) { state.withLock { $0 = ($0.version + 1, equipment) } }
}
