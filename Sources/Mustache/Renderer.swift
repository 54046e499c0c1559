/// One rendering: walks the nodes and writes bytes.
struct Renderer {
    /// How many sections and partials may be nested where a further partial is included. Nobody is shown
    /// a tree as deep; an endless inclusion ends here, well before the stack does.
    static let deepest = 100

    private(set) var output: [UInt8] = []
    private var context: Context
    private let partials: [String: Template]
    private let escaping: Escaping
    private var indentation: [UInt8] = []
    private var depth = 0
    /// Set once partials have proved endless, so that those which branch end as soon as those which do not.
    private var isOverrun = false

    init(_ template: Template, context: Value, partials: [String: Template]) {
        self.context = Context(context)
        self.partials = partials
        escaping = template.escaping
        output.reserveCapacity(template.sourceSize + template.sourceSize / 2)
    }

    mutating func render(_ nodes: [Node]) {
        depth += 1
        for node in nodes {
            switch node {
            case .literal(let literal): write(literal)
            case .variable(let variable): write(variable)
            case .section(let section): render(section)
            case .partial(let partial): render(partial)
            }
        }
        depth -= 1
    }

    private mutating func write(_ literal: Literal) {
        guard !indentation.isEmpty else {
            output.append(contentsOf: literal.bytes)
            return
        }
        var written = 0
        for start in literal.lineStarts {
            output.append(contentsOf: literal.bytes[written..<start])
            output.append(contentsOf: indentation)
            written = start
        }
        output.append(contentsOf: literal.bytes[written...])
    }

    private mutating func write(_ variable: Variable) {
        guard let text = context.value(of: variable.name)?.printed else { return }
        output.append(text, escaping: variable.isEscaped ? escaping : .none)
    }

    private mutating func render(_ section: Section) {
        let value = context.value(of: section.name) ?? .absent
        if section.isInverted {
            if !value.holdsSomething { render(section.body) }
        } else if case .list(let elements) = value {
            for element in elements { render(section.body, over: element) }
        } else if value.holdsSomething {
            render(section.body, over: value)
        }
    }

    private mutating func render(_ body: [Node], over frame: Value) {
        context.push(frame)
        render(body)
        context.pop()
    }

    private mutating func render(_ partial: Partial) {
        guard !isOverrun, let template = partials[partial.name] else { return }
        guard depth <= Self.deepest else {
            isOverrun = true
            return
        }
        let outer = indentation
        indentation = partial.indentation.map { outer + $0 } ?? []
        render(template.nodes)
        indentation = outer
    }
}
