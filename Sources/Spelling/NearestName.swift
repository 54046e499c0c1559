// Spelling: the known name that a misspelt one is nearest to. It knows nothing of where names come from.

/// The name among `known` that is most probably meant by `name`; nil if none is within a third of its length.
package func nearest(to name: String, among known: some Sequence<String>) -> String? {
    let limit = max(1, name.utf8.count / 3)
    // Sorted, so that of two equally near names the same one is always named.
    return known.sorted()
        .map { (name: $0, distance: editDistance(from: name, to: $0)) }
        .filter { $0.distance <= limit }
        .min { $0.distance < $1.distance }?
        .name
}

/// How many letters have to be put in, taken out, replaced or swapped with their neighbour, upper and lower case being
/// the same (optimal string alignment distance).
func editDistance(from first: String, to second: String) -> Int {
    let first = Array(first.lowercased().utf8)
    let second = Array(second.lowercased().utf8)
    var beforeLast: [Int] = []
    var last = Array(0...second.count)
    for (row, letter) in first.enumerated() {
        var current = [row + 1]
        for (column, other) in second.enumerated() {
            var distance = min(last[column] + (letter == other ? 0 : 1), last[column + 1] + 1, current[column] + 1)
            if row > 0, column > 0, letter == second[column - 1], first[row - 1] == other {
                distance = min(distance, beforeLast[column - 1] + 1)
            }
            current.append(distance)
        }
        (beforeLast, last) = (last, current)
    }
    return last[second.count]
}
