import Mustache
import Pages

/// A form as its page draws it: the fields in their order, and above them what is wrong.
struct FormCard: Sendable {
    /// The heading above all errors.
    let heading: String
    let fields: [FormField]

    /// - Parameter errors: what is wrong with each field, as sentences; nothing when the form is shown for the first time.
    func context(errors: [FieldName: String]) -> [String: Value] {
        let drawn = fields.map { field in
            (
                field.name.rawValue,
                field.context(error: errors[field.name], isFocused: field.isFocused && errors.isEmpty)
            )
        }
        let wrong = fields.compactMap { field in
            errors[field.name].map { Value.dictionary(["name": .text(field.name.rawValue), "error": .text($0)]) }
        }
        let problems: Value = [
            "heading": .text(heading), "form": .optional(errors[.form]), "wrong": .list(wrong),
        ]
        let texts = FieldName.allCases.map { ($0.rawValue, Value.optional(errors[$0])) }
        return [
            "fields": .dictionary(Dictionary(drawn) { $1 }), "problems": errors.isEmpty ? .absent : problems,
            // For pages that draw what is wrong themselves.
            "has_errors": .flag(!errors.isEmpty), "errors": .dictionary(Dictionary(texts) { $1 }),
        ]
    }
}

/// The forms there are.
extension FormCard {
    static func login(_ words: Words, userID: String) -> FormCard {
        FormCard(
            heading: words["login.error_heading"],
            fields: [
                FormField(
                    name: .userID, label: words["login.user_id"], value: userID, enterKey: "next",
                    isFocused: true)
            ])
    }

    static func password(_ words: Words) -> FormCard {
        FormCard(
            heading: words["login.error_heading"],
            fields: [
                FormField(name: .password, label: words["password.password"], enterKey: "go", isFocused: true)
            ])
    }

    /// The two fields have forms of their own.
    static func code(_ words: Words, digits: Int) -> FormCard {
        var code = code(words, digits: digits, isRequired: true)
        code.isFocused = true
        return FormCard(
            heading: words["login.error_heading"],
            fields: [code, recoveryCode(words, hint: words["code.recovery_hint"], isRequired: true)])
    }

    /// - Parameter hasRecovery: whether a recovery code may take the code's place.
    static func disable(_ words: Words, digits: Int, hasRecovery: Bool) -> FormCard {
        FormCard(
            heading: words["disable.error_heading"],
            fields: [
                FormField(name: .password, label: words["password.password"]),
                code(words, digits: digits, isRequired: !hasRecovery),
                recoveryCode(words, hint: words["disable.recovery_hint"], isRequired: false),
            ])
    }

    static func recovery(_ words: Words) -> FormCard {
        FormCard(
            heading: words["recovery.error_heading"],
            fields: [
                FormField(
                    name: .password, label: words["password.password"], hint: words["recovery.password_hint"],
                    enterKey: "go")
            ])
    }

    static func reset(_ words: Words, _ form: ResetForm) -> FormCard {
        FormCard(
            heading: words["reset.error_heading"],
            fields: [
                FormField(name: .userID, label: words["reset.user_id"], value: form.userID),
                FormField(name: .email, label: words["reset.email"], value: form.email),
                FormField(
                    name: .securityCode, label: words["reset.security_code"], hint: words["reset.security_code_hint"],
                    hasHelp: true),
                FormField(name: .userType, label: words["reset.user_type"]),
            ])
    }

    private static func code(_ words: Words, digits: Int, isRequired: Bool) -> FormField {
        FormField(
            name: .code, label: words["code.code"], hint: "\(digits) \(words["code.hint"])", enterKey: "go",
            isRequired: isRequired)
    }

    private static func recoveryCode(_ words: Words, hint: String, isRequired: Bool) -> FormField {
        FormField(
            name: .recoveryCode, label: words["code.recovery_code"], hint: hint, enterKey: "go", isRequired: isRequired)
    }
}
