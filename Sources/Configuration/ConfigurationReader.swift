package import Domain
package import JSON
import Spelling

/// Takes keys out of a configuration one by one, collects every mistake and, at the end, whatever nobody asked for.
package struct ConfigurationReader {
    private var root: [String: JSONTree]
    private var asked: Set<String> = []
    package private(set) var problems: [ConfigurationErrors.Entry] = []

    package init(_ root: [String: JSONTree]) { self.root = root }

    package mutating func addProblem(_ key: String, _ problem: String) {
        problems.append(.init(key: key, problem: problem))
    }

    // MARK: - Kinds of value

    package mutating func text(_ key: String, default standard: String? = nil) -> String? {
        switch value(key) {
        case nil: return standard
        case .text(let text):
            guard !text.utf8.contains(where: { $0 < 0x20 || $0 == 0x7f }) else {
                addProblem(key, "holds a control character")
                return standard
            }
            return text
        default:
            addProblem(key, "must be text in quotes")
            return standard
        }
    }

    /// A text that has to be there.
    package mutating func requiredText(_ key: String, _ purpose: String) -> String? {
        guard let text = text(key), !text.isEmpty else {
            if !problems.contains(where: { $0.key == key }) { addProblem(key, "is missing: \(purpose)") }
            return nil
        }
        return text
    }

    package mutating func integer(_ key: String, in range: ClosedRange<Int>, default standard: Int) -> Int {
        switch value(key) {
        case nil: return standard
        case .number(let number) where number == number.rounded() && range.contains(Int(number)): return Int(number)
        default:
            addProblem(key, "must be a whole number from \(range.lowerBound) to \(range.upperBound)")
            return standard
        }
    }

    package mutating func choice<Choice: RawRepresentable & CaseIterable>(
        _ key: String, default standard: Choice
    ) -> Choice where Choice.RawValue == String {
        optionalChoice(key, of: Choice.self) ?? standard
    }

    /// A choice that may be left out.
    package mutating func optionalChoice<Choice: RawRepresentable & CaseIterable>(
        _ key: String, of: Choice.Type
    ) -> Choice? where Choice.RawValue == String {
        guard let text = text(key) else { return nil }
        let choice = Choice(rawValue: text)
        if choice == nil {
            addProblem(
                key, "must be one of \(Choice.allCases.map(\.rawValue).joined(separator: ", ")), not \"\(text)\"")
        }
        return choice
    }

    /// A length of time written as people write it: `30 min`.
    package mutating func span(_ key: String, in range: ClosedRange<TimeSpan>, default standard: TimeSpan) -> TimeSpan {
        guard let text = text(key) else { return standard }
        guard let span = TimeSpanText.parse(text), range.contains(span) else {
            addProblem(
                key,
                "must be a time from \(TimeSpanText.write(range.lowerBound)) to \(TimeSpanText.write(range.upperBound)), "
                    + "written like \"30 min\", \"45 s\" or \"2 h\"")
            return standard
        }
        return span
    }

    package mutating func texts(_ key: String) -> [String] {
        switch value(key) {
        case nil: return []
        case .list(let list):
            let texts = list.compactMap { if case .text(let text) = $0 { text } else { nil } }
            if texts.count != list.count { addProblem(key, "must be a list of texts") }
            return texts
        default:
            addProblem(key, "must be a list of texts, such as [\"127.0.0.1\"]")
            return []
        }
    }

    package mutating func objects(_ key: String) -> [[String: JSONTree]]? {
        guard let value = value(key) else { return nil }
        guard case .list(let list) = value else {
            addProblem(key, "must be a list of objects")
            return nil
        }
        return list.compactMap { if case .object(let object) = $0 { object } else { nil } }
    }

    /// The keys of a list's elements, such as `smtp[0]`; nil when no list stands there.
    package mutating func elements(of key: String) -> [String]? {
        guard case .list(let list)? = tree(at: key) else { return nil }
        // Nothing in an empty list is asked for, and yet it stands where one belongs.
        if list.isEmpty { asked.insert(key) }
        return list.indices.map { "\(key)[\($0)]" }
    }

    /// Whether an object with any key in it stands there.
    package func has(_ path: String) -> Bool {
        guard case .object(let object)? = tree(at: path) else { return false }
        return !object.isEmpty
    }

    // MARK: - Finding

    private mutating func value(_ key: String) -> JSONTree? {
        asked.insert(key)
        let tree = tree(at: key)
        return tree == .null ? nil : tree
    }

    /// - Parameter key: such as `smtp.port` or `smtp[1].port`.
    private func tree(at key: String) -> JSONTree? {
        var tree: JSONTree? = .object(root)
        for part in key.split(separator: ".") {
            let names = part.split(whereSeparator: { $0 == "[" || $0 == "]" })
            guard let name = names.first, case .object(let object)? = tree else { return nil }
            tree = object[String(name)]
            for index in names.dropFirst() {
                guard case .list(let list)? = tree, let place = Int(index), list.indices.contains(place) else {
                    return nil
                }
                tree = list[place]
            }
        }
        return tree
    }

    /// Complains about every key that nobody asked for, naming the nearest that somebody did.
    package mutating func addUnknownKeys() {
        for key in Self.unreadKeys(root, "", asked).sorted() where !asked.contains(key) {
            let near = nearest(to: key, among: asked)
            addProblem(key, "is not a key of Pulih" + (near.map { "; did you mean \($0)?" } ?? ""))
        }
    }

    private static func unreadKeys(_ object: [String: JSONTree], _ prefix: String, _ asked: Set<String>) -> [String] {
        object.flatMap { name, value in
            let key = prefix + name
            guard !asked.contains(key) else { return [key] }
            switch value {
            case .object(let inner): return unreadKeys(inner, key + ".", asked)
            case .list(let list) where asked.contains { $0.hasPrefix(key + "[") }:
                return list.enumerated().flatMap { place, element -> [String] in
                    guard case .object(let inner) = element else { return [] }
                    return unreadKeys(inner, "\(key)[\(place)].", asked)
                }
            default: return [key]
            }
        }
    }
}

/// Lengths of time as people write them.
package enum TimeSpanText {
    private static let units: [(names: [String], milliseconds: Int64)] = [
        (["d", "day", "days"], 86_400_000), (["h", "hour", "hours"], 3_600_000), (["min", "m", "minutes"], 60_000),
        (["s", "sec", "seconds"], 1_000),
    ]

    package static func parse(_ text: String) -> TimeSpan? {
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        let unit = text.dropFirst(digits.count).filter { $0 != " " }
        guard let number = Int64(digits), number < 1_000_000,
            let found = units.first(where: { $0.names.contains(unit) })
        else { return nil }
        return .milliseconds(number * found.milliseconds)
    }

    /// The largest unit that tells it without a fraction.
    package static func write(_ span: TimeSpan) -> String {
        for unit in units where span.milliseconds >= unit.milliseconds && span.milliseconds % unit.milliseconds == 0 {
            return "\(span.milliseconds / unit.milliseconds) \(unit.names[0])"
        }
        return "\(span.milliseconds) ms"
    }
}
