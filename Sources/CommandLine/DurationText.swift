package import Domain

/// Lengths of time in few letters, as lists and tables tell them.
package enum DurationText {
    /// How long ago, in the largest unit that holds at least two of it: `45 s`, `5 min`, `30 h`, `3 d`.
    package static func age(_ seconds: Double) -> String {
        let units = [("d", 86_400.0), ("h", 3600), ("min", 60)]
        let (unit, length) = units.first { seconds >= 2 * $0.1 } ?? ("s", 1)
        return "\(Int64(max(seconds, 0) / length)) \(unit)"
    }

    package static func age(since instant: Instant, at now: Instant) -> String { age((now - instant).seconds) }

    /// How long something took: `12 ms`, `1.2 s`, then as an age; `-` for nothing.
    package static func duration(_ seconds: Double?) -> String {
        guard let seconds else { return "-" }
        if seconds < 0.9995 { return "\(Int((seconds * 1000).rounded(.up))) ms" }
        return seconds < 120 ? "\(tenths(seconds)) s" : age(seconds)
    }

    /// With one decimal.
    package static func tenths(_ number: Double) -> String { "\((number * 10).rounded() / 10)" }
}

/// Numbers as sentences tell them.
package enum CountText {
    /// `1 job is`, `2 jobs are`: the noun and the verb bend with the number.
    package static func of(_ number: Int, _ one: String, _ many: String) -> String {
        "\(grouped(number)) \(number == 1 ? one : many)"
    }

    package static func jobs(_ number: Int) -> String { of(number, "job", "jobs") }

    /// With a comma every three digits: `200,000`.
    package static func grouped(_ number: Int) -> String {
        let digits = Array("\(abs(number))")
        let text = digits.enumerated().reduce(into: "") { text, digit in
            if digit.offset > 0 && (digits.count - digit.offset) % 3 == 0 { text.append(",") }
            text.append(digit.element)
        }
        return number < 0 ? "-\(text)" : text
    }
}
