import Domain
import Mustache
package import Pages

extension Portal {
    /// Holds every page's template against a sample of what it is drawn with.
    /// - Returns: each name that does not resolve, with file, line and the nearest name that would.
    package static func templateProblems(_ pages: Pages, _ settings: Settings) -> [String] {
        let now = Instant(milliseconds: 0)
        let account = Account(
            id: 1, userID: "sample", userType: "sample", email: "sample@example.org", language: .indonesian,
            isActive: true, totp: .active, generation: 1, createdAt: now)
        let reset = ResetRequest(
            id: "sample", account: 1, generation: 1, job: 1, state: .open, requestedAt: now, expiresAt: now,
            address: nil)
        let form = settings.resetContext(
            ResetForm(), language: .indonesian, csrf: "sample", captcha: "sample", hasVoice: true,
            words: pages.words(.indonesian), errors: allWrong)
        let samples: [(PageName, [String: Value])] = [
            (.reset, form), (.sent, settings.sentContext(RequestNumber("abcdefghijklmn23"))),
            (.confirm, settings.confirmContext(reset, account, token: "sample", csrf: "sample", language: .indonesian)),
            (.done, [:]), (.link, Settings.linkContext(heading: "x", text: "x", more: "x", next: "x")),
            (.cancel, Settings.cancelContext(token: "sample", csrf: "sample")), (.cancelled, [:]),
            (
                .application,
                settings.applicationContext(
                    heading: "x", text: "x", next: ("/", "x"), account, language: .indonesian, action: "/", end: "x")
            ),
            (.error, Pages.errorContext(status: 404, heading: "x", text: "x", next: ("/", "x"))),
        ]
        return (samples + loginSamples(account, pages.words(.indonesian))).flatMap { pages.problems($0.0, $0.1) }
    }
}

extension Portal {
    private static let allWrong = Dictionary(FieldName.allCases.map { ($0, "sample") }) { $1 }

    /// What the pages of a login are drawn with, everything present.
    private static func loginSamples(_ account: Account, _ words: Words) -> [(PageName, [String: Value])] {
        let x: Value = "x"
        let form: [String: Value] = [
            "stopped": true, "clock_text": x, "wait": ["seconds": "1", "until_text": x, "text": x],
            "recovery_wait": ["seconds": "1", "until_text": x, "text": x],
        ]
        func with(_ card: FormCard, _ own: [String: Value]) -> [String: Value] {
            form.merging(own) { $1 }.merging(card.context(errors: allWrong)) { $1 }
        }
        let code = Settings.codeContext(
            account, csrf: "x", CodePrompt(digits: 6, hasRecovery: true), isRecoveryApart: true)
        let session: Value = [
            "id": "1", "started": x, "seen": x, "address": x, "browser": x, "factor": x, "applications": x,
            "current": true,
        ]
        let member: [String: Value] = [
            "csrf": x, "user_id": x, "type_label": x, "totp_on": true, "policy_text": x, "recovery": ["remaining": "1"],
            "recovery_missing": true, "recovery_low": true, "weak_secret": true, "clock_text": x, "since": x,
            "address": x,
            "factor_text": x, "sessions": "1", "has_applications": true,
            "applications": [["name": x, "href": x]],
        ]
        let scan: [String: Value] = [
            "csrf": x, "user_id": x, "qr": x, "manual_groups": [["group": x]], "manual_key": x, "otpauth_href": x,
            "issuer": x, "account": x, "parameters": ["algorithm": x, "digits": x, "period": x], "was_disabled": true,
            "logout_label": x, "is_member": true,
        ]
        let login = Settings.loginContext(
            userID: "x", userType: "x", label: "x", csrf: "x", announcements: [["text": x]], isOver: true)
        return [
            (.home, ["login_types": [["label": x, "href": x]], "announcements": [["text": x]]]),
            (.login, with(.login(words, userID: "x"), login)),
            (.password, with(.password(words), Settings.passwordContext(userID: "x", csrf: "x"))),
            (.code, with(.code(words, digits: 6), code)), (.member, member),
            (.disable, with(.disable(words, digits: 6, hasRecovery: true), code)), (.scan, scan),
            (.enable, Settings.enableContext(account, label: "x", csrf: "x", wasDisabled: true, isMember: true)),
            (.sessions, ["csrf": x, "user_id": x, "sessions": [session], "has_others": true]),
            (
                .recovery,
                with(
                    .recovery(words),
                    [
                        "csrf": x, "user_id": x, "remaining": "1", "made_at": x, "replaces": true,
                        "asks_password": true,
                    ])
            ),
            (.logout, Settings.logoutContext(text: "x", action: "x", csrf: "x")),
            (.codes, ["codes": [["code": x]], "user_id": x, "made_at": x, "site": x]),
        ]
    }
}
