/// The fields of a request of OAuth. What has no value counts as left out, and none may come twice (RFC 6749, section 3.1).
package struct ProtocolParameters: Sendable {
    package typealias Pair = (name: String, value: String)

    private let pairs: [Pair]

    package init(_ pairs: [Pair]) { self.pairs = pairs.filter { !$0.value.isEmpty } }

    /// Nil also for what comes twice: none is picked by chance.
    package subscript(name: String) -> String? {
        let isNamed = { (pair: Pair) in
            pair.name.utf8.count == name.utf8.count && pair.name.utf8.elementsEqual(name.utf8)
        }
        guard let first = pairs.firstIndex(where: isNamed), pairs.lastIndex(where: isNamed) == first else { return nil }
        return pairs[first].value
    }

    /// The first name that comes twice, if any does.
    package var repeated: String? {
        let names = pairs.map { Array($0.name.utf8) }
        return zip(pairs, names.indices).first { names[..<$1].contains(names[$1]) }?.0.name
    }

    /// The words of a list with spaces between.
    package func words(_ name: String) -> [String] {
        self[name]?.split(separator: " ").map(String.init) ?? []
    }

    /// What stands behind the question mark, of these names in this order.
    package func query(of names: [String]) -> String {
        names.compactMap { name in self[name].map { "\(name)=\(PercentEncoding.encode($0))" } }.joined(separator: "&")
    }
}
