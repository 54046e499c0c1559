import Domain

/// Prometheus' text format, version 0.0.4.
struct Exposition: Sendable {
    private(set) var text = ""

    mutating func gauge(_ name: String, help: String, _ samples: [Sample]) { write(name, "gauge", help, samples) }

    /// What only grows; Prometheus wants its name to end in `_total`.
    mutating func counter(_ name: String, help: String, _ samples: [Sample]) { write(name, "counter", help, samples) }

    /// Durations in seconds, one histogram for each set of labels. Each bucket holds what the ones before it hold.
    mutating func histogram(_ name: String, help: String, _ series: [(labels: Labels, durations: Histogram)]) {
        head(name, "histogram", help)
        for (labels, durations) in series {
            var reached = 0
            for (bound, count) in zip(HistogramBuckets.labels, durations.counts) {
                reached += count
                line(Sample(labels.adding("le", bound), reached), of: name + "_bucket")
            }
            line(Sample(labels, durations.total), of: name + "_sum")
            line(Sample(labels, reached), of: name + "_count")
        }
    }

    /// A group of samples under one name; nothing at all when there are none.
    private mutating func write(_ name: String, _ type: String, _ help: String, _ samples: [Sample]) {
        guard !samples.isEmpty else { return }
        head(name, type, help)
        for sample in samples { line(sample, of: name) }
    }

    private mutating func head(_ name: String, _ type: String, _ help: String) {
        text += "# HELP \(name) \(help)\n# TYPE \(name) \(type)\n"
    }

    private mutating func line(_ sample: Sample, of name: String) {
        text += "\(name)\(sample.labels.text) \(sample.valueText)\n"
    }
}

/// One number, and what tells it from others of its name.
struct Sample: Sendable {
    let labels: Labels
    private let value: Double

    init(_ labels: Labels = [:], _ value: Double) {
        self.labels = labels
        self.value = value
    }

    init(_ labels: Labels = [:], _ count: Int) { self.init(labels, Double(count)) }

    fileprivate var valueText: String { Int64(exactly: value).map { "\($0)" } ?? "\(value)" }
}

struct Labels: Sendable, ExpressibleByDictionaryLiteral {
    private var pairs: [(name: String, value: String)]

    init(dictionaryLiteral pairs: (String, String)...) { self.pairs = pairs.map { (name: $0, value: $1) } }

    func adding(_ name: String, _ value: String) -> Labels {
        var more = self
        more.pairs.append((name, value))
        return more
    }

    fileprivate var text: String {
        guard !pairs.isEmpty else { return "" }
        return "{" + pairs.map { "\($0)=\"\(Self.escaped($1))\"" }.joined(separator: ",") + "}"
    }

    /// Label values are free text in which three characters are escaped.
    private static func escaped(_ text: String) -> String {
        var escaped = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\\": escaped += "\\\\"
            case "\"": escaped += "\\\""
            case "\n": escaped += "\\n"
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }
}
