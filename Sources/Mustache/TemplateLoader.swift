import Spelling

/// Parses the files of a folder of templates, and collects what is wrong with them instead of stopping at the first.
package struct TemplateLoader {
    private let read: (String) -> String?
    package private(set) var problems: [String] = []

    /// - Parameter read: the text of a file such as `pages/reset.html`, or nil where there is none.
    package init(read: @escaping (String) -> String?) { self.read = read }

    /// Nil, and a problem more, when the file is missing or no template.
    package mutating func template(_ file: String, escaping: Escaping = .html) -> Template? {
        guard let source = read(file) else {
            problems.append("\(file): the file is missing or not UTF-8")
            return nil
        }
        return template(source, named: file, escaping: escaping)
    }

    private mutating func template(_ source: String, named file: String, escaping: Escaping = .html) -> Template? {
        do { return try Template(source, name: file, escaping: escaping) } catch { problems.append("\(error)") }
        return nil
    }

    /// The partials that templates include, and those that partials include in turn: `{{> parts/field}}` is the file
    /// `parts/field` in the folder, with the ending.
    package mutating func partials(
        of templates: some Sequence<Template>, in folder: String, ending: String
    ) -> [String: Template] {
        var partials: [String: Template] = [:]
        var asked: Set<String> = []
        var missing: [(name: String, file: String, line: Int)] = []
        var waiting = Array(templates)
        while let template = waiting.popLast() {
            for reference in template.references where reference.kind == .partial {
                let name = reference.name
                if asked.contains(name) { continue }
                guard let source = read("\(folder)\(name)\(ending)") else {
                    missing.append((name, template.name, reference.line))
                    continue
                }
                asked.insert(name)
                guard let partial = self.template(source, named: "\(folder)\(name)\(ending)") else { continue }
                partials[name] = partial
                waiting.append(partial)
            }
        }
        problems += missing.map { name, file, line in
            Problem(
                kind: .unknownPartial, file: file, line: line, name: name,
                suggestion: nearest(to: name, among: partials.keys)
            ).description
        }.sorted()
        return partials
    }
}

extension [String] {
    /// Each of these problems once: a file is checked with every template that includes it.
    package var toldOnce: [String] {
        var told: Set<String> = []
        return filter { told.insert($0).inserted }
    }
}
