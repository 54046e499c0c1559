// Benchmarks: what a benchmark says and how it says it. Ratios of rounds, targets, the table, the JSON document and the
// arguments; it measures nothing itself. Begin here, then `Comparison` and `Report`.

/// The middle one of the values, or the mean of the two in the middle; 0 of none.
package func median(_ values: [Double]) -> Double {
    let sorted = values.sorted()
    guard !sorted.isEmpty else { return 0 }
    let middle = sorted.count / 2
    return sorted.count.isMultiple(of: 2) ? (sorted[middle - 1] + sorted[middle]) / 2 : sorted[middle]
}

/// The least of the values that this part of them does not exceed (nearest rank); 0 of none.
/// - Parameter part: from 0 to 1, such as 0.99.
package func percentile(_ values: [Double], _ part: Double) -> Double {
    let sorted = values.sorted()
    guard !sorted.isEmpty else { return 0 }
    let rank = Int((Double(sorted.count) * part).rounded(.up))
    return sorted[min(max(rank, 1), sorted.count) - 1]
}

package func mean(_ values: [Double]) -> Double {
    values.isEmpty ? 0 : values.reduce(0, +) / Double(values.count)
}

/// A figure for people, with as many places as its size makes worth reading: `12,345`, `98.7`, `0.52`, `0.004`.
package func figure(_ value: Double) -> String {
    guard value.isFinite else { return "–" }
    let size = abs(value)
    if size >= 100 || value == 0 { return grouped(value) }
    if size >= 10 { return fixed(value, places: 1) }
    return fixed(value, places: size >= 0.1 ? 2 : 4)
}

/// With exactly so many places after the point.
package func fixed(_ value: Double, places: Int) -> String {
    guard value.isFinite else { return "–" }
    let scale = (0..<places).reduce(1) { scale, _ in scale * 10 }
    let (whole, rest) = Int((abs(value) * Double(scale)).rounded()).quotientAndRemainder(dividingBy: scale)
    let digits = String(rest)
    let fraction = places == 0 ? "" : "." + String(repeating: "0", count: places - digits.count) + digits
    return (value < 0 ? "-" : "") + String(whole) + fraction
}

private func grouped(_ value: Double) -> String {
    let digits = Array(String(Int(abs(value).rounded())))
    let groups = digits.enumerated().map { index, digit in
        let isStart = index > 0 && (digits.count - index).isMultiple(of: 3)
        return (isStart ? "," : "") + String(digit)
    }
    return (value < 0 ? "-" : "") + groups.joined()
}
