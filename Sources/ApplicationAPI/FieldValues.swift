import Domain
import JSON
import Spelling

/// The fields of a request's body, checked.
struct FieldValues: Sendable {
    private let values: [String: JSONTree]

    static let none = FieldValues(values: [:])

    private init(values: [String: JSONTree]) { self.values = values }

    /// Reports everything that is wrong together.
    init(_ body: [UInt8], of endpoint: Endpoint) throws(Problem) {
        let fields = endpoint.fields
        guard let tree = JSONTree.strict(body) else {
            throw Problem(.malformedJSON, "The body must be a JSON object in UTF-8.")
        }
        guard case .object(let object) = tree else {
            throw Problem(
                .invalidFields, "The body must be a JSON object.",
                errors: [.init(field: "", rule: "type", detail: "must be an object")])
        }
        var errors = fields.compactMap { field -> Problem.FieldError? in
            guard let value = object[field.name] else {
                return field.isRequired ? .init(field: field.name, rule: "missing", detail: "is missing") : nil
            }
            return field.error(value)
        }
        let names = Set(fields.map(\.name))
        for name in object.keys.sorted() where !names.contains(name) {
            let near = nearest(to: name, among: names).map { "; did you mean \($0)?" } ?? ""
            errors.append(.init(field: name, rule: "unknown", detail: "is no field of this request\(near)"))
        }
        let given = endpoint.exclusive.filter { object[$0] != nil }
        if given.count > 1 {
            let first = given[0]
            errors += given.dropFirst().map {
                .init(field: $0, rule: "choice", detail: "must be left out beside \(first)")
            }
        }
        guard errors.isEmpty else { throw Problem(errors) }
        values = object
    }

    /// The same text for the same fields, in whatever order and with whatever spaces they came.
    var canonical: String { JSONTree.object(values).text() }

    func text(_ name: String) -> String? { if case .text(let text)? = values[name] { text } else { nil } }
    func flag(_ name: String) -> Bool? { if case .flag(let flag)? = values[name] { flag } else { nil } }

    func email(_ name: String) throws(Problem) -> EmailAddress {
        guard let email = EmailAddress(text(name) ?? "") else {
            throw Problem([.init(field: name, rule: "form", detail: "must be \(TextForm.email.rule)")])
        }
        return email
    }

    func language(_ name: String = "language") -> Language? { text(name).flatMap(Language.init(rawValue:)) }
}

extension Problem {
    /// Fields that break their rules.
    init(_ errors: [FieldError]) {
        let words = errors.map { "\($0.field) \($0.detail)" }.joined(separator: "; ")
        self.init(.invalidFields, "\(words).", errors: errors)
    }
}
