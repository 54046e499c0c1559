/// A tag that names something, and where it is.
package struct Reference: Sendable, Equatable {
    package enum Kind: Sendable {
        case variable, section, inverted, partial
    }

    package let kind: Kind
    package let name: String
    /// Counted from 1.
    package let line: Int
}

extension Template {
    /// Every tag of this template that names something, in the order of the source; partials are named, not entered.
    package var references: [Reference] {
        nodes.flatMap(\.references)
    }

    /// The names that the template and its partials print or ask about, so that a caller can demand that one is used.
    package func names(partials: [String: Template] = [:]) -> Set<String> {
        var names: Set<String> = []
        var reached: Set<String> = []
        var waiting = [self]
        while let template = waiting.popLast() {
            for reference in template.references {
                if reference.kind != .partial {
                    names.insert(reference.name)
                } else if let partial = partials[reference.name], reached.insert(reference.name).inserted {
                    waiting.append(partial)
                }
            }
        }
        return names
    }
}

extension Node {
    fileprivate var references: [Reference] {
        switch self {
        case .literal:
            []
        case .variable(let variable):
            [Reference(kind: .variable, name: variable.name.text, line: variable.line)]
        case .section(let section):
            [
                Reference(
                    kind: section.isInverted ? .inverted : .section, name: section.name.text, line: section.line)
            ] + section.body.flatMap(\.references)
        case .partial(let partial):
            [Reference(kind: .partial, name: partial.name, line: partial.line)]
        }
    }
}
