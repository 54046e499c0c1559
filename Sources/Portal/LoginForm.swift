import Domain
import HTTPServer

/// A button of the pop-up "Pilih Jenis User": one or several user types that log in through the same door.
struct UserTypeChoice: Sendable, Equatable {
    let types: [UserType]

    /// What the address and the form carry: `penyedia,non-penyedia`.
    var value: String { types.map(\.id).joined(separator: ",") }

    var href: String { "/login?user_type=\(value)" }

    /// `PENYEDIA ATAU NON PENYEDIA`, or what the configuration says.
    func label(_ language: Language, or: String) -> String {
        types[0].loginLabel(language)
            ?? types.map { $0.label(language) }.joined(separator: " \(or) ").uppercased()
    }
}

extension Portal.Settings {
    /// The doors in the order of their first type. Types without a label of their own share one.
    var loginChoices: [UserTypeChoice] {
        var choices: [UserTypeChoice] = []
        for type in userTypes {
            let name = type.loginLabel(.indonesian)
            if let index = choices.firstIndex(where: { $0.types[0].loginLabel(.indonesian) == name }) {
                choices[index] = UserTypeChoice(types: choices[index].types + [type])
            } else {
                choices.append(UserTypeChoice(types: [type]))
            }
        }
        return choices
    }

    /// Reads what a form or an address says: the id of one type, or several with commas between. Nil when one of them is
    /// not configured.
    func loginChoice(_ value: String) -> UserTypeChoice? {
        let types = value.split(separator: ",", omittingEmptySubsequences: false).map { userTypes.type(id: String($0)) }
        let known = types.compactMap(\.self)
        return known.isEmpty || known.count != types.count ? nil : UserTypeChoice(types: known)
    }
}

/// What somebody typed as User ID to log in, and what is wrong with it.
struct LoginForm: Sendable {
    let userID: String
    let userType: String
    /// "Reset TOTP?" was pressed instead of "Login".
    let wantsReset: Bool

    init(_ fields: Fields) throws {
        userID = CanonicalText.trimmed(try fields.optional("user_id") ?? "")
        userType = try fields.optional("user_type") ?? ""
        wantsReset = try fields.optional("reset") != nil
    }

    /// The words that tell what is wrong with each field, as keys.
    func mistakes(_ settings: Portal.Settings) -> [FieldName: String] {
        var mistakes: [FieldName: String] = [:]
        mistakes[.userID] = ResetForm.userIDMistake(userID).map { "fields.\($0)" }
        if userType.isEmpty {
            mistakes[.form] = "fields.login_type_missing"
        } else if settings.loginChoice(userType) == nil {
            mistakes[.form] = "fields.login_type_unknown"
        }
        return mistakes
    }
}
