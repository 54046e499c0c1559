import Spelling

extension Context {
    /// The known name nearest to one that does not resolve: its first part that nothing has is replaced.
    func nearest(to name: Name) -> Name? {
        var names = frames.flatMap(\.names)
        for (index, segment) in name.segments.enumerated() {
            let path = Name(name.segments[...index].joined(separator: "."))
            guard let value = path.flatMap(value) else {
                guard let meant = Spelling.nearest(to: segment, among: names) else { return nil }
                var segments = name.segments
                segments[index] = meant
                return Name(segments.joined(separator: "."))
            }
            names = value.names
        }
        return nil
    }
}

extension Value {
    /// The names that a dictionary has; others have none.
    fileprivate var names: [String] {
        if case .dictionary(let entries) = self { Array(entries.keys) } else { [] }
    }
}
