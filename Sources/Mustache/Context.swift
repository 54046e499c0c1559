/// The values that names are looked up in: the context handed in, and on top of it one value for each section entered.
struct Context {
    private(set) var frames: [Value]

    init(_ root: Value) {
        frames = [root]
    }

    mutating func push(_ frame: Value) {
        frames.append(frame)
    }

    mutating func pop() {
        frames.removeLast()
    }

    /// The first part of a name is sought from the innermost frame outwards; the rest only within what was found. Nil
    /// means that nothing has this name, unlike a name whose value is `absent`.
    func value(of name: Name) -> Value? {
        guard let first = name.segments.first else { return frames.last }
        var found: Value?
        for frame in frames.reversed() {
            guard case .dictionary(let entries) = frame, let value = entries[first] else { continue }
            found = value
            break
        }
        for segment in name.segments.dropFirst() {
            guard case .dictionary(let entries)? = found else { return nil }
            found = entries[segment]
        }
        return found
    }
}
