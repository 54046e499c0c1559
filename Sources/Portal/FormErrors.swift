import Domain
import HTTPServer
import Mustache
import Pages

/// Why a form is shown again: what is wrong with which field, as keys of words or ready sentences, and how long to wait.
struct FormErrors: Sendable {
    /// Keys of words.
    var keys: [FieldName: String] = [:]
    /// The same, ready to be read.
    var sentences: [FieldName: String] = [:]
    var waitUntil: Instant?
    /// The same for recovery codes, whose wrong tries are counted by themselves.
    var recoveryWaitUntil: Instant?
    /// What the page says about the clock of the phone.
    var clockHint: String?
    var isStopped = false
    var status = 200

    static let none = FormErrors()

    func texts(_ words: Words) -> [FieldName: String] { keys.mapValues { words[$0] }.merging(sentences) { $1 } }
}

extension Portal {
    /// The errors for a password that was not accepted.
    /// - Parameters:
    ///   - field: what is said to be wrong when the password is.
    ///   - wrong: what is said then, as a key of words.
    func formErrors(_ outcome: PasswordLogin.Outcome, field: FieldName, wrong: String) -> FormErrors {
        switch outcome {
        case .accepted: .none
        case .wrong: FormErrors(keys: [field: wrong], status: 422)
        case .wait(let until): FormErrors(waitUntil: until, status: 429)
        case .tooMany: FormErrors(keys: [.form: "errors.too_many.text"], status: 429)
        case .busy: FormErrors(keys: [.form: "fields.too_busy"], status: 503)
        }
    }

    /// The errors for a code that was not accepted.
    func formErrors(_ refusal: CodeVerification.CodeRefusal, _ context: RequestContext) -> FormErrors {
        let words = pages.words(for: context.viewer)
        func sentence(_ name: String, _ values: [String: String]) -> FormErrors {
            FormErrors(sentences: [.code: words.sentence(name, values)], status: 422)
        }
        switch refusal {
        case .malformed(let digits):
            return sentence("code_malformed", ["digits": "\(digits)"])
        case .wrong: return FormErrors(keys: [.code: "fields.totp_wrong"], status: 422)
        case .clockBehind(let seconds):
            return FormErrors(
                keys: [.code: "fields.totp_wrong"],
                clockHint: words.sentence("clock_behind", ["amount": words.amount(seconds: seconds)]), status: 422)
        case .replayed(let seconds): return sentence("replay_wait", ["count": "\(seconds)"])
        case .outdated: return FormErrors(keys: [.code: "fields.totp_outdated"], status: 422)
        case .wait(let until): return FormErrors(waitUntil: until, status: 429)
        case .stopped: return FormErrors(isStopped: true, status: 429)
        case .unavailable: return FormErrors(keys: [.form: "errors.unavailable.text"], status: 503)
        }
    }

    func formErrors(_ refusal: RecoveryCodes.RecoveryCodeRefusal) -> FormErrors {
        switch refusal {
        case .malformed: FormErrors(keys: [.recoveryCode: "fields.recovery_malformed"], status: 422)
        case .wrong: FormErrors(keys: [.recoveryCode: "fields.recovery_wrong"], status: 422)
        case .wait(let until): FormErrors(recoveryWaitUntil: until, status: 429)
        }
    }

    /// Draws a page with a form, and what was wrong with what came from it.
    func draw(
        _ page: PageName, title: String, _ context: RequestContext, _ values: [String: Value], _ card: FormCard,
        _ refusal: FormErrors
    ) -> Response {
        let words = pages.words(for: context.viewer)
        let more: [String: Value] = [
            "stopped": .flag(refusal.isStopped), "clock_text": .optional(refusal.clockHint),
            "wait": wait(until: refusal.waitUntil, context, words),
            "recovery_wait": wait(until: refusal.recoveryWaitUntil, context, words),
        ]
        var response = pages.draw(
            page, title: title, for: context.viewer,
            values.merging(more) { $1 }.merging(card.context(errors: refusal.texts(words))) { $1 },
            status: refusal.status)
        if let until = refusal.waitUntil ?? refusal.recoveryWaitUntil {
            response.set("Retry-After", "\(Self.seconds(to: until, context))")
        }
        return response
    }

    private func wait(until: Instant?, _ context: RequestContext, _ words: Words) -> Value {
        guard let until else { return .absent }
        let seconds = Self.seconds(to: until, context)
        let time = LocalTimeFormatter(language: context.viewer.language, zone: settings.zone).timeOfDay(until)
        let text = words.sentence("wait", ["amount": words.amount(seconds: seconds), "time": time])
        return ["seconds": .text("\(seconds)"), "until_text": .text(time), "text": .text(text)]
    }

    private static func seconds(to until: Instant, _ context: RequestContext) -> Int {
        Int(max(1, (until - context.now).seconds.rounded(.up)))
    }
}

extension Words {
    /// A length of time as people say it: `40 detik`, `2 menit`, `1 jam`.
    func amount(seconds: Int) -> String {
        let (unit, count) =
            seconds < 90
            ? ("seconds", seconds)
            : seconds < 5400 ? ("minutes", (seconds + 30) / 60) : ("hours", (seconds + 1800) / 3600)
        return sentence("amount_\(unit)", ["count": "\(count)"])
    }
}
