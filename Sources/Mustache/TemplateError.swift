/// Why a template cannot be parsed: `templates/pages/reset.html:14: section {{#errors}} is never closed`.
package struct TemplateError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The name that the template was given, usually its path.
    package let file: String
    /// Counted from 1.
    package let line: Int
    /// What is wrong, for the person who wrote the template.
    package let sentence: String

    package var description: String { "\(file):\(line): \(sentence)" }
}
