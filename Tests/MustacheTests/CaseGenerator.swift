import Mustache

/// Writes templates as people do, line by line, with contexts that fit them more or less; the same for the same seed.
///
/// Left out is what pystache reads in its own way: blanks behind a tag that has its line to itself, blank lines within an
/// indented partial, lists and dictionaries that are printed.
struct CaseGenerator {
    private var state: UInt64
    private var ending = "\n"

    private static let texts = ["x", "<b>&\"'", "two words", "two\nlines", "é", "{{a}}", ""]
    private static let names = ["a", "b", "c", "d.a", "d.d.b", "missing"]
    private static let sections = ["f", "g", "l", "m", "t", "d", "d.l", "d.t", "a", "missing"]

    init(seed: UInt64) {
        state = seed
    }

    mutating func next() -> PeerCase {
        ending = pick(["\n", "\r\n"])
        let inner = lines(depth: 1, partials: [])
        let outer = lines(depth: 1, partials: ["inner"])
        return PeerCase(
            template: lines(depth: 0, partials: ["inner", "outer"]), context: .dictionary(entries(depth: 0)),
            partials: ["inner": inner, "outer": outer])
    }

    private mutating func entries(depth: Int) -> [String: Value] {
        var entries: [String: Value] = [:]
        for name in ["a", "b", "c"] where chance(70) { entries[name] = .text(pick(Self.texts)) }
        for name in ["f", "g"] where chance(80) { entries[name] = .flag(chance(50)) }
        if chance(80) { entries["t"] = .list((0..<below(4)).map { _ in .text(pick(Self.texts)) }) }
        guard depth < 2 else { return entries }
        for name in ["l", "m"] where chance(80) {
            entries[name] = .list((0..<below(4)).map { _ in .dictionary(self.entries(depth: depth + 1)) })
        }
        if chance(80) { entries["d"] = .dictionary(self.entries(depth: depth + 1)) }
        return entries
    }

    private mutating func lines(depth: Int, partials: [String], inTexts: Bool = false) -> String {
        var text = ""
        for _ in 0...below(5) {
            let indentation = pick(["", "", "  ", "\t"])
            switch below(100) {
            case 75..<80: text += indentation + "{{! note }}" + ending
            case 80..<84: text += "{{=<% %>=}}\(ending)|<%a%> <%&b%>\(ending)<%={{ }}=%>\(ending)"
            case 84..<100 where !partials.isEmpty: text += indentation + "{{>\(pick(partials))}}" + ending
            case 50..<75 where depth < 3:
                let name = pick(Self.sections)
                let sigil = pick(["#", "#", "^"])
                let isOverTexts = sigil == "#" && (name == "t" || name == "d.t")
                text += indentation + "{{\(sigil)\(name)}}" + ending
                text += lines(depth: depth + 1, partials: partials, inTexts: isOverTexts)
                text += indentation + "{{/\(name)}}" + ending
            default: text += indentation + line(inTexts: inTexts) + ending
            }
        }
        return text
    }

    private mutating func line(inTexts: Bool) -> String {
        var text = pick(["|", "text ", "é", "x{{#f}}on{{/f}}{{^f}}off{{/f}} {{#t}}[{{.}}]{{/t}}"])
        for _ in 0..<below(5) {
            let name = pick(inTexts ? Self.names + [".", ".", "."] : Self.names)
            text += pick([" word", " - ", "<b>", "{{\(name)}}", "{{ \(name) }}", "{{{\(name)}}}", "{{&\(name)}}"])
        }
        return text + "."
    }

    private mutating func pick<Element>(_ elements: [Element]) -> Element {
        elements[below(elements.count)]
    }

    private mutating func chance(_ percent: Int) -> Bool {
        below(100) < percent
    }

    /// A linear congruential generator; its upper bits are even enough here.
    private mutating func below(_ limit: Int) -> Int {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Int((state >> 33) % UInt64(limit))
    }
}
