import Mustache

/// What people fill in, by the names that forms send; `form` is a form as a whole.
enum FieldName: String, Sendable, CaseIterable {
    case userID = "user_id"
    case email
    case password
    case code
    case recoveryCode = "recovery_code"
    case securityCode = "security_code"
    case userType = "user_type"
    case form

    /// What is too long to be right is too long to be shown again.
    func shown(_ typed: String) -> String { String(typed.prefix(self == .email ? 512 : 256)) }

    /// What browsers and password managers fill it in with.
    fileprivate var autocomplete: String {
        switch self {
        case .userID: "username"
        case .email: "email"
        case .password: "current-password"
        case .code: "one-time-code"
        case .recoveryCode, .securityCode, .userType, .form: "off"
        }
    }
}

/// A field of a form, as `parts/field.html` draws it.
struct FormField: Sendable {
    let name: FieldName
    let label: String
    var hint: String?
    /// What was typed, for fields that show it again.
    var value = ""
    /// What a phone writes on its Enter key.
    var enterKey: String?
    var isRequired = true
    /// Whether the page opens with the cursor in it.
    var isFocused = false
    /// Whether the page explains it further, in an element with the id `NAME_help`.
    var hasHelp = false

    /// Every name is there even where it has nothing to show: Mustache would look for it outside.
    func context(error: String?, isFocused: Bool) -> Value {
        let id = name.rawValue
        let describing = [
            hint.map { _ in "\(id)_hint" }, error.map { _ in "\(id)_error" }, hasHelp ? "\(id)_help" : nil,
        ]
        return [
            "name": .text(id), "label": .text(label), "hint": .optional(hint), "error": .optional(error),
            "described_by": .text(describing.compactMap { $0 }.joined(separator: " ")),
            "value": .text(name.shown(value)), "keeps_value": .flag(name == .userID || name == .email),
            "autocomplete": .text(name.autocomplete), "enter_key": .optional(enterKey),
            "is_required": .flag(isRequired), "is_focused": .flag(isFocused),
            "is_password": .flag(name == .password), "is_email": .flag(name == .email),
            "is_digits": .flag(name == .code), "is_letters": .flag(name == .securityCode),
            "is_code": .flag([.code, .recoveryCode, .securityCode].contains(name)),
            "is_long": .flag(name == .recoveryCode),
        ]
    }
}
