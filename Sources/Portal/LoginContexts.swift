import Cryptography
import Domain
import Mustache

/// What the pages of a login are drawn with, beyond what all pages share.
extension Portal.Settings {
    static func loginContext(
        userID: String, userType: String, label: String, csrf: String, announcements: Value, isOver: Bool
    ) -> [String: Value] {
        [
            "csrf": .text(csrf), "user_type": .text(userType), "type_label": .text(label),
            "user_id": .text(FieldName.userID.shown(userID)), "announcements": announcements,
            "session_ended": .flag(isOver),
        ]
    }

    static func passwordContext(userID: String, csrf: String) -> [String: Value] {
        ["csrf": .text(csrf), "user_id": .text(userID)]
    }

    /// - Parameter isRecoveryApart: whether a recovery code is sent by a form of its own.
    static func codeContext(
        _ account: Account, csrf: String, _ question: CodePrompt, isRecoveryApart: Bool
    ) -> [String: Value] {
        [
            "csrf": .text(csrf), "user_id": .text(account.userID), "digits": .text("\(question.digits)"),
            "pending": .flag(account.totp == .pending), "has_recovery": .flag(question.hasRecovery),
            "is_recovery_apart": .flag(isRecoveryApart),
        ]
    }

    /// - Parameter label: of the button; the guide writes it another way after "Disable TOTP".
    static func enableContext(
        _ account: Account, label: String, csrf: String, wasDisabled: Bool, isMember: Bool
    ) -> [String: Value] {
        [
            "csrf": .text(csrf), "user_id": .text(account.userID),
            "enable_label": .text(label), "was_disabled": .flag(wasDisabled),
            "required": .flag(!isMember), "is_member": .flag(isMember),
        ]
    }

    /// - Parameter logoutLabel: of the button; the guide writes it another way after "Disable TOTP".
    static func scanContext(
        _ offer: OTPAuthURI, qr: String, logoutLabel: String, csrf: String, wasDisabled: Bool, isMember: Bool
    ) -> [String: Value] {
        let parameters = offer.parameters
        let facts: Value = [
            "algorithm": .text(parameters.algorithm.rawValue.uppercased()), "digits": .text("\(parameters.digits)"),
            "period": .text("\(parameters.period)"),
        ]
        return [
            "csrf": .text(csrf), "user_id": .text(offer.account), "qr": .text(qr),
            "manual_groups": .list(
                offer.secret.manualKey.split(separator: " ").map { ["group": .text(String($0))] }),
            "manual_key": .text(offer.secret.base32), "otpauth_href": .text(offer.text),
            "issuer": .optional(offer.issuer), "account": .text(offer.account),
            "parameters": parameters == .standard ? .absent : facts,
            "was_disabled": .flag(wasDisabled), "logout_label": .text(logoutLabel), "is_member": .flag(isMember),
        ]
    }
}
