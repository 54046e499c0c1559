import Domain
import Mustache
import Pages

/// Draws the last day: bars for what went out, a line for what came in, and how long it waited. Shapes are in units of the
/// pictures' own view boxes, which the stylesheet stretches over the page.
struct DailyStatisticsChart: Sendable {
    let words: Words
    let formatter: PageTimeFormatter

    /// The width of half an hour.
    private static let step = 10
    /// How far bars rise above the base line, and fall below it.
    private static let (rise, fall) = (100.0, 40.0)
    private static let row = 10

    func values(_ day: DailyStatistics) -> [String: Value] {
        let most = Self.scale(day)
        let unit = Self.rise / Double(most)
        func bars(
            _ number: (DailyStatistics.Slot) -> Int, on base: (DailyStatistics.Slot) -> Int = { _ in 0 },
            up: Bool = true
        ) -> Value {
            .text(Self.bars(day, number, on: base, unit: up ? unit : -unit))
        }
        return [
            "most": "\(most)", "summary": .text(summary(day)), "waits_summary": .text(waits(day)),
            "mailed": bars(\.mailed), "refused": bars(\.refused, on: \.mailed), "failed": bars(\.failed, up: false),
            "arrived": .text(Self.line(day, unit: unit)),
            "slots": .list(day.slots.enumerated().map { index, slot in tooltip(index, slot) }),
            "cells": .list(day.slots.enumerated().flatMap { Self.cells($0, $1) }),
            "wait_classes": .list(
                WaitTimeBucket.allCases.reversed().map { .text(words["operations.waits.\($0.key)"]) }),
            "hours": .list(
                stride(from: 0, to: DailyStatistics.slotCount, by: 12).map {
                    .text(formatter.minute(day.slots[$0].start))
                }),
            "rows": .list(day.slots.reversed().filter { !$0.isEmpty }.map(row)),
        ]
    }

    /// What the picture shows, for who does not see it.
    private func summary(_ day: DailyStatistics) -> String {
        words.sentence(
            "day",
            [
                "arrived": "\(day.sum(\.arrived))", "mailed": "\(day.sum(\.mailed))",
                "refused": "\(day.sum(\.refused))", "failed": "\(day.sum(\.failed))",
            ])
    }

    private func waits(_ day: DailyStatistics) -> String {
        let all = day.slots.reduce(0) { $0 + $1.waits.count }
        let slow = day.slots.reduce(0) { $0 + $1.waits(.halfHour) + $1.waits(.longer) }
        return all == 0
            ? words["operations.no_waits"] : words.sentence("day_waits", ["count": "\(all)", "slow": "\(slow)"])
    }

    private func tooltip(_ index: Int, _ slot: DailyStatistics.Slot) -> Value {
        let numbers = [
            ("arrived", slot.arrived), ("mailed", slot.mailed), ("refused", slot.refused), ("failed", slot.failed),
        ].filter { $0.1 > 0 }.map { "\(words["operations.day.\($0.0)"]) \($0.1)" }
        let text = numbers.isEmpty ? words["operations.none"] : numbers.joined(separator: ", ")
        return ["x": "\(index * Self.step)", "label": .text("\(time(slot)): \(text)")]
    }

    private func time(_ slot: DailyStatistics.Slot) -> String {
        "\(formatter.minute(slot.start))–\(formatter.minute(slot.start + DailyStatistics.slotLength))"
    }

    private func row(_ slot: DailyStatistics.Slot) -> Value {
        func wait(_ part: Double) -> Value { .text(slot.waits.quantile(part).map(formatter.duration) ?? "") }
        return [
            "time": .text(time(slot)), "arrived": "\(slot.arrived)", "mailed": "\(slot.mailed)",
            "refused": "\(slot.refused)", "failed": "\(slot.failed)", "p50": wait(0.5), "p95": wait(0.95),
        ]
    }

    /// What the top of the picture stands for: a round number that holds all, above the line and below it.
    private static func scale(_ day: DailyStatistics) -> Int {
        let above = day.slots.map { max($0.arrived, $0.mailed + $0.refused) }.max() ?? 0
        let below = Double(day.slots.map(\.failed).max() ?? 0) * rise / fall
        let most = max(above, Int(below.rounded(.up)), 1)
        var power = 1
        while power * 10 < most { power *= 10 }
        return [1, 2, 3, 4, 5, 6, 8, 10].map { $0 * power }.first { $0 >= most } ?? most
    }

    /// One path for all bars of a kind, each standing on those of another, or with a negative unit hanging from the base
    /// line. What happened at all is tall enough to be seen.
    private static func bars(
        _ day: DailyStatistics, _ number: (DailyStatistics.Slot) -> Int, on base: (DailyStatistics.Slot) -> Int,
        unit: Double
    ) -> String {
        day.slots.enumerated().filter { number($1) > 0 }.map { index, slot in
            let height = (unit < 0 ? -1 : 1) * max(Double(number(slot)) * abs(unit), 2)
            let bottom = rise - Double(base(slot)) * unit
            return "M\(index * step + 1) \(tenths(bottom))v\(tenths(-height))h\(step - 2)v\(tenths(height))z"
        }.joined()
    }

    /// A line in steps over all half hours.
    private static func line(_ day: DailyStatistics, unit: Double) -> String {
        let heights = day.slots.map { tenths(rise - Double($0.arrived) * unit) }
        return "M0 " + heights.enumerated().map { "\($1)H\(($0 + 1) * step)" }.joined(separator: "V")
    }

    /// The classes of waiting that half an hour has, each as dense as its part of that half hour's jobs.
    private static func cells(_ index: Int, _ slot: DailyStatistics.Slot) -> [Value] {
        WaitTimeBucket.allCases.reversed().enumerated().compactMap { line, wait in
            let count = slot.waits(wait)
            guard count > 0 else { return nil }
            let part = Double(count) / Double(slot.waits.count)
            return [
                "x": "\(index * step)", "y": "\(line * row)", "tone": .text(wait.severity.rawValue),
                "opacity": .text("\(Double(Int((0.2 + 0.6 * part) * 100)) / 100)"),
            ]
        }
    }

    private static func tenths(_ number: Double) -> String {
        let tenths = Int((number * 10).rounded())
        return tenths % 10 == 0 ? "\(tenths / 10)" : "\(Double(tenths) / 10)"
    }
}

extension WaitTimeBucket {
    /// Among the words.
    fileprivate var key: String {
        switch self {
        case .second: "second"
        case .tenSeconds: "ten_seconds"
        case .minute: "minute"
        case .fiveMinutes: "five_minutes"
        case .halfHour: "half_hour"
        case .longer: "longer"
        }
    }
}
