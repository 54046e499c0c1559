import Mustache
import Pages

/// A field of a form on the operations pages, as `parts/operator-field.html` draws it.
struct OperatorField: Sendable {
    enum Kind: Sendable, Equatable {
        /// One of several: value, label, chosen.
        case choice([Value])
        case account(String)
        /// The number of a request.
        case request(String)
        /// A part of a job's reason.
        case reason(String)
        /// A length of time, such as `15m`.
        case span(String)
        /// Why something is changed, for the audit log.
        case why(isRequired: Bool)
    }

    /// Of the element; its name among several forms.
    let id: String
    let name: String
    let label: String
    let kind: Kind
    var hint: String?
    var isWide = false

    /// Every name is there even where it has nothing to show: Mustache would look for it outside.
    var context: Value {
        var values: [String: Value] = [
            "id": .text(id), "name": .text(name), "label": .text(label), "hint": .optional(hint), "value": "",
            "options": .absent, "chosen": false, "is_choice": false, "is_wide": .flag(isWide), "keeps_value": true,
            "is_required": false, "is_why": false, "is_span": false, "is_account": false,
        ]
        switch kind {
        case .choice(let options):
            values["options"] = .list(options)
            values["is_choice"] = true
        case .account(let text), .request(let text):
            values["value"] = .text(text)
            values["is_account"] = true
        case .reason(let text): values["value"] = .text(text)
        case .span(let text):
            values["value"] = .text(text)
            values["is_span"] = true
        case .why(let isRequired):
            values["keeps_value"] = false
            values["is_why"] = true
            values["is_required"] = .flag(isRequired)
        }
        return .dictionary(values)
    }

    static func option(_ value: String, _ label: String, isChosen: Bool = false) -> Value {
        ["value": .text(value), "label": .text(label), "chosen": .flag(isChosen)]
    }
}
