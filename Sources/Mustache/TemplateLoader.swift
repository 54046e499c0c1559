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
        do { return try Template(source, name: file, escaping: escaping) } catch { problems.append("\(error)") }
        return nil
    }

    /// The partials that templates include, and those that partials include in turn: `{{> parts/field}}` is the file
    /// `parts/field` with this beginning and ending.
    package mutating func partials(
        of templates: some Sequence<Template>, in folder: String, ending: String
    ) -> [String: Template] {
        var partials: [String: Template] = [:]
        var asked: Set<String> = []
        var waiting = Array(templates)
        while let template = waiting.popLast() {
            for reference in template.references where reference.kind == .partial {
                guard asked.insert(reference.name).inserted,
                    let partial = self.template("\(folder)\(reference.name)\(ending)")
                else { continue }
                partials[reference.name] = partial
                waiting.append(partial)
            }
        }
        return partials
    }
}
