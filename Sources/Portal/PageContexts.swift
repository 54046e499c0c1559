import Domain
import HTTPServer
import Mustache
import Pages

/// What each page is drawn with, beyond what all pages share.
extension Portal.Settings {
    func resetContext(
        _ form: ResetForm, language: Language, csrf: String, captcha: String, hasVoice: Bool,
        words: Words, errors: [FieldName: String]
    ) -> [String: Value] {
        let values: [String: Value] = [
            "csrf": .text(csrf), "captcha": .text(captcha), "captcha_src": .text("/captcha/\(captcha).png"),
            "captcha_audio": hasVoice ? .text("/captcha/\(captcha).wav") : .absent,
            "user_id": .text(FieldName.userID.shown(form.userID)), "email": .text(FieldName.email.shown(form.email)),
            "user_types": .list(
                userTypes.map { type in
                    [
                        "id": .text(type.id), "label": .text(type.label(language)),
                        "selected": .flag(type.id == form.userType),
                    ]
                }),
        ]
        return values.merging(FormCard.reset(words, form).context(errors: errors)) { $1 }
    }

    func sentContext(_ number: RequestNumber?) -> [String: Value] {
        [
            "number": .optional(number?.grouped), "lifetime_minutes": .text("\(linkLifetime.milliseconds / 60_000)"),
            "subject": "Konfirmasi Permintaan Reset TOTP",
        ]
    }

    func confirmContext(
        _ reset: ResetRequest, _ account: Account, token: String, csrf: String, language: Language
    ) -> [String: Value] {
        let time = LocalTimeFormatter(language: language, zone: zone)
        return [
            "user_id_masked": .text(UserID(account.userID)?.masked ?? "•••"),
            "requested_at": .text(time.full(reset.requestedAt)), "requested_from": .text(reset.address ?? "-"),
            "expires_at": .text(time.full(reset.expiresAt)), "action": .text("/reset/\(token)"), "csrf": .text(csrf),
            "cancel_href": .text("/reset/\(token)/cancel"),
        ]
    }

    static func cancelContext(token: String, csrf: String) -> [String: Value] {
        ["action": .text("/reset/\(token)/cancel"), "csrf": .text(csrf)]
    }

    static func linkContext(heading: String, text: String, more: String, next: String) -> [String: Value] {
        [
            "heading": .text(heading), "text": .text(text), "more": .text(more), "next_label": .text(next),
            "next_href": "/reset",
        ]
    }
}
