import Glibc

/// Whether two lots of measurements come from one distribution, by their ranks (Mann and Whitney's test with the normal
/// approximation, for lots of a few hundred and more).
struct RankSumTest {
    /// Standard deviations by which the first lot ranks above what chance would give.
    let deviation: Double
    /// How often chance alone gives a deviation as large.
    let probability: Double

    init(_ first: [Double], _ second: [Double]) {
        let all = (first.map { ($0, true) } + second.map { ($0, false) }).sorted { $0.0 < $1.0 }
        var sum = 0.0
        var start = 0
        while start < all.count {
            var end = start
            while end < all.count, all[end].0 == all[start].0 { end += 1 }
            // Equal values share the mean of their ranks, which begin at 1.
            let rank = Double(start + end + 1) / 2
            sum += rank * Double(all[start..<end].count { $0.1 })
            start = end
        }
        let (n, m) = (Double(first.count), Double(second.count))
        let mean = n * (n + m + 1) / 2
        deviation = (sum - mean) / (n * m * (n + m + 1) / 12).squareRoot()
        probability = erfc(abs(deviation) / 2.0.squareRoot())
    }
}
