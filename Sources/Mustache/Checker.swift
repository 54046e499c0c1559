import Spelling

/// One walk over a template and its partials with a sample context; see `Template.problems(against:partials:)`.
struct Checker {
    private(set) var problems: [Problem] = []
    private var context: Context
    private let partials: [String: Template]
    private var file: String
    /// Partials being walked, each with the depth of the data at which it was entered.
    private var entered: [String: Int] = [:]

    init(_ template: Template, sample: Value, partials: [String: Template]) {
        context = Context(sample)
        self.partials = partials
        file = template.name
    }

    mutating func check(_ nodes: [Node]) {
        for node in nodes {
            switch node {
            case .literal: break
            case .variable(let variable): check(variable)
            case .section(let section): check(section)
            case .partial(let partial): check(partial)
            }
        }
    }

    private mutating func check(_ variable: Variable) {
        guard let value = resolve(variable.name, line: variable.line) else { return }
        if value.printed == nil { report(.notPrintable, variable.name.text, line: variable.line) }
    }

    private mutating func check(_ section: Section) {
        let value = resolve(section.name, line: section.line)
        guard !section.isInverted, let value else { return check(section.body) }
        guard case .list(let elements) = value else { return check(section.body, over: value) }
        if elements.isEmpty { report(.emptyList, section.name.text, line: section.line) }
        for element in elements { check(section.body, over: element) }
    }

    private mutating func check(_ body: [Node], over frame: Value) {
        context.push(frame)
        check(body)
        context.pop()
    }

    private mutating func check(_ partial: Partial) {
        guard let template = partials[partial.name] else {
            let suggestion = nearest(to: partial.name, among: partials.keys)
            return report(.unknownPartial, partial.name, line: partial.line, suggestion: suggestion)
        }
        if let depth = entered[partial.name] {
            // Walked already, one level further up; that it ends is certain only if it stands deeper in the data now.
            if depth == context.depthInData { report(.endlessPartial, partial.name, line: partial.line) }
            return
        }
        let outer = file
        file = template.name
        entered[partial.name] = context.depthInData
        check(template.nodes)
        entered[partial.name] = nil
        file = outer
    }

    /// Looks a name up and reports it if nothing has it; then goes on with what was probably meant, so that a misspelt
    /// section does not make its whole content look wrong.
    private mutating func resolve(_ name: Name, line: Int) -> Value? {
        if let value = context.value(of: name) { return value }
        let suggestion = context.nearest(to: name)
        report(.unknownName, name.text, line: line, suggestion: suggestion?.text)
        return suggestion.flatMap(context.value)
    }

    private mutating func report(_ kind: Problem.Kind, _ name: String, line: Int, suggestion: String? = nil) {
        let problem = Problem(kind: kind, file: file, line: line, name: name, suggestion: suggestion)
        // Each element of a list walks the same lines.
        if !problems.contains(problem) { problems.append(problem) }
    }
}

extension Context {
    /// Frames that lead further into the data; a flag's section stays where it is.
    fileprivate var depthInData: Int {
        frames.count { frame in
            if case .flag = frame { false } else { true }
        }
    }
}
