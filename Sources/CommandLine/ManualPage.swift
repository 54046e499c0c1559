import FoundationEssentials
import Glibc

/// A man page in the macros of man(7).
package struct ManualPage {
    package private(set) var text: String
    private var isUnderHeading = false

    /// - Parameters:
    ///   - title: such as `pulih`.
    ///   - section: 1 for programs, 5 for files, 7 for everything around them.
    ///   - program: the program that the page belongs to.
    ///   - name: as prose calls the program.
    package init(title: String, section: Int, purpose: String, program: String, version: String, name: String) {
        text = """
            .\\" Made by: \(program) manual \(title)
            .TH "\(Self.escape(title.uppercased()))" \(section) "\(Self.date)" "\(program) \(version)" "\(name)"
            .nh
            """
        heading("Name")
        line("\(Self.escape(title)) \\- \(Self.escape(purpose))")
    }

    package mutating func heading(_ title: String) {
        line(".SH \(title.uppercased())")
        isUnderHeading = true
    }

    /// A heading below the last one.
    package mutating func subheading(_ title: String) {
        line(".SS \(Self.escape(title))")
        isUnderHeading = true
    }

    package mutating func paragraph(_ words: String) {
        if !isUnderHeading { line(".PP") }
        line(Self.prose(words))
    }

    /// Terms, one a line, and what they mean.
    package mutating func item(_ terms: [String], _ words: String) {
        for (index, term) in terms.enumerated() {
            line(index == 0 ? ".TP" : ".TQ")
            line(Self.bold(term))
        }
        line(Self.prose(words))
    }

    /// One of a list of points.
    package mutating func point(_ words: String) {
        line(".IP \\(bu 2")
        line(Self.prose(words))
    }

    /// More of the last item.
    package mutating func more(_ words: String) {
        line(".IP")
        line(Self.prose(words))
    }

    /// Items that belong to the last one.
    package mutating func inside(_ body: (inout ManualPage) -> Void) {
        line(".RS")
        body(&self)
        line(".RE")
    }

    /// Lines that stay as they are.
    package mutating func literal(_ lines: String) {
        line(".IP")
        line(".nf")
        for text in lines.split(separator: "\n") { line(Self.guarded(Self.escape(String(text)))) }
        line(".fi")
    }

    private mutating func line(_ line: String) {
        text += "\n" + line
        isUnderHeading = false
    }

    /// Running text; what stands in backquotes or between pairs of asterisks is bold.
    private static func prose(_ words: String) -> String {
        let parts = words.split(separator: "`", omittingEmptySubsequences: false).enumerated()
        return guarded(parts.map { $0.isMultiple(of: 2) ? strong(String($1)) : bold(String($1)) }.joined())
    }

    private static func strong(_ words: String) -> String {
        let parts = words.split(separator: "**", omittingEmptySubsequences: false).enumerated()
        return parts.map { $0.isMultiple(of: 2) ? escape(String($1)) : bold(String($1)) }.joined()
    }

    private static func bold(_ words: String) -> String { "\\fB\(escape(words))\\fR" }

    /// A hyphen is a minus: what is shown can be copied into a shell.
    private static func escape(_ text: String) -> String {
        text.reduce(into: "") { escaped, character in
            switch character {
            case "\\": escaped += "\\e"
            case "-": escaped += "\\-"
            case "\"": escaped += "\\(dq"
            default: escaped.append(character)
            }
        }
    }

    /// A dot or an apostrophe at the start of a line would be taken for a macro.
    private static func guarded(_ line: String) -> String {
        line.hasPrefix(".") || line.hasPrefix("'") ? "\\&" + line : line
    }

    /// The day of the build: SOURCE_DATE_EPOCH where it is set, as everywhere in reproducible builds, else today.
    private static var date: String {
        let told = getenv("SOURCE_DATE_EPOCH").flatMap { Double(String(cString: $0)) }
        let date = told.map(Date.init(timeIntervalSince1970:)) ?? Date.now
        return date.formatted(.iso8601.year().month().day())
    }
}
