import FoundationEssentials
import Glibc

struct BenchFailure: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}

func printLine(_ line: String) {
    let bytes = Array((line + "\n").utf8)
    _ = bytes.withUnsafeBytes { write(STDOUT_FILENO, $0.baseAddress, $0.count) }
}

/// Seconds that `body` takes.
func seconds(_ body: () throws -> Void) rethrows -> Double {
    let start = ContinuousClock.now
    try body()
    return Double((ContinuousClock.now - start) / .nanoseconds(1)) / 1e9
}

/// Runs two ways of doing the same in turn, A B A B …, and tells the median of each and of the ratios pair by pair, so
/// that a machine whose speed drifts does not decide.
func compare(
    _ what: String, unit: String, rounds: Int, _ a: (String, () throws -> Double), _ b: (String, () throws -> Double)
) throws {
    var pairs: [(a: Double, b: Double)] = []
    for _ in 0..<rounds { pairs.append((try a.1(), try b.1())) }
    let ratio = median(pairs.map { $0.a / $0.b })
    printLine(
        "\(what): \(a.0) \(whole(median(pairs.map(\.a)))) \(unit), \(b.0) \(whole(median(pairs.map(\.b)))) \(unit), "
            + "ratio \(hundredths(ratio))")
}

func median(_ values: [Double]) -> Double { percentile(values, 0.5) }

/// The value that this part of the values does not exceed.
func percentile(_ values: [Double], _ part: Double) -> Double {
    let sorted = values.sorted()
    guard !sorted.isEmpty else { return 0 }
    return sorted[min(sorted.count - 1, Int(Double(sorted.count) * part))]
}

func whole(_ value: Double) -> String { "\(Int(value.rounded()))" }

func hundredths(_ value: Double) -> String { "\((value * 100).rounded() / 100)" }

/// A folder for one run.
final class WorkFolder {
    let path: String
    private var count = 0

    init() throws {
        var template = Array("/tmp/pulih-bench-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw BenchFailure("no temporary folder can be made") }
        path = String(decoding: template.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// A path that nothing has been written to yet.
    func fresh(_ name: String) -> String {
        count += 1
        return "\(path)/\(count)-\(name)"
    }

    func write(_ text: String, to path: String, mode: mode_t = 0o600) throws {
        try Data(text.utf8).write(to: URL(filePath: path))
        chmod(path, mode)
    }

    func remove() { try? FileManager.default.removeItem(atPath: path) }
}
