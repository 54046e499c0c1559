import Mustache

/// Parses and renders in one go.
func rendered(
    _ source: String, _ context: Value = [:], partials: [String: String] = [:], escaping: Escaping = .html
) throws(TemplateError) -> String {
    let template = try Template(source, name: "page.html", escaping: escaping)
    return template.render(context, partials: try parsed(partials))
}

/// Partials that are named after files, as the program names them.
func parsed(_ sources: [String: String]) throws(TemplateError) -> [String: Template] {
    var partials: [String: Template] = [:]
    for (name, source) in sources {
        partials[name] = try Template(source, name: "\(name).html")
    }
    return partials
}

/// The fault that parsing must end with; nil if it succeeds.
func failure(of source: String, file: String = "page.html") -> TemplateError? {
    do throws(TemplateError) {
        _ = try Template(source, name: file)
        return nil
    } catch {
        return error
    }
}
