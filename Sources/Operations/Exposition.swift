/// Prometheus' text format, version 0.0.4.
struct Exposition: Sendable {
    private(set) var text = ""

    /// A group of samples under one name; nothing at all when there are none.
    mutating func gauge(_ name: String, help: String, _ samples: [Sample]) {
        guard !samples.isEmpty else { return }
        text += "# HELP \(name) \(help)\n# TYPE \(name) gauge\n"
        for sample in samples { text += "\(name)\(sample.labelText) \(sample.valueText)\n" }
    }
}

/// One number, and what tells it from others of its name.
struct Sample: Sendable {
    private let labels: KeyValuePairs<String, String>
    private let value: Double

    init(_ labels: KeyValuePairs<String, String> = [:], _ value: Double) {
        self.labels = labels
        self.value = value
    }

    init(_ value: Double) { self.init([:], value) }

    fileprivate var labelText: String {
        guard !labels.isEmpty else { return "" }
        return "{" + labels.map { "\($0)=\"\(Self.escaped($1))\"" }.joined(separator: ",") + "}"
    }

    fileprivate var valueText: String { Int64(exactly: value).map { "\($0)" } ?? "\(value)" }

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
