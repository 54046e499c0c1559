/// How much some connections give to do.
struct ConnectionLoad: AdditiveArithmetic {
    private(set) var open = 0
    /// Those with a request that is under way or about to come.
    private(set) var busy = 0
    /// Those whose request line has come and whose answer is not yet sent.
    private(set) var inFlight = 0
    /// Those of them that are in the handler.
    private(set) var handling = 0
    /// Those of them whose event loop serves nobody else meanwhile.
    private(set) var blocking = 0

    static let zero = ConnectionLoad()

    init() {}

    init(_ connection: Connection) {
        open = 1
        busy = connection.isBusy ? 1 : 0
        inFlight = connection.phase == .waiting ? 0 : 1
        handling = connection.phase == .handling ? 1 : 0
        blocking = connection.phase == .handling && !connection.isHandedOver ? 1 : 0
    }

    /// Whether a new connection is served sooner here.
    func isLess(than other: ConnectionLoad) -> Bool { (busy, open) < (other.busy, other.open) }

    static func + (left: ConnectionLoad, right: ConnectionLoad) -> ConnectionLoad {
        var sum = left
        sum.open += right.open
        sum.busy += right.busy
        sum.inFlight += right.inFlight
        sum.handling += right.handling
        sum.blocking += right.blocking
        return sum
    }

    static func - (left: ConnectionLoad, right: ConnectionLoad) -> ConnectionLoad {
        var rest = left
        rest.open -= right.open
        rest.busy -= right.busy
        rest.inFlight -= right.inFlight
        rest.handling -= right.handling
        rest.blocking -= right.blocking
        return rest
    }
}
