import Domain
import HTTPServer
import Mustache
import Pages

/// Why a form is shown again: what is wrong with which field, as keys of words or ready sentences, and how long to wait.
struct Refusal: Sendable {
    /// By the field's name, `form` for the form as a whole; keys of words.
    var error: [String: String] = [:]
    /// The same, ready to be read.
    var sentence: [String: String] = [:]
    var waitUntil: Instant?
    /// The same for recovery codes, whose wrong tries are counted by themselves.
    var recoveryWaitUntil: Instant?
    /// What the page says about the clock of the phone.
    var clock: String?
    var isStopped = false
    var status = 200

    static let none = Refusal()
}

extension Portal {
    /// What is told of a password that was not accepted.
    func refusal(_ outcome: LoginDesk.Outcome, _ visit: Visit, field: String, wrong: String) -> Refusal {
        switch outcome {
        case .right: .none
        case .wrong: Refusal(error: [field: wrong], status: 422)
        case .wait(let until): Refusal(waitUntil: until, status: 429)
        case .tooMany: Refusal(error: ["form": "errors.too_many.text"], status: 429)
        case .busy: Refusal(error: ["form": "fields.too_busy"], status: 503)
        }
    }

    /// What is told of a code that was not accepted.
    func refusal(_ refusal: CodeDesk.Refusal, _ visit: Visit, typed: String) -> Refusal {
        let words = pages.words(for: visit.visitor)
        func sentence(_ name: String, _ values: [String: String]) -> Refusal {
            Refusal(sentence: ["code": words.sentence(name, values)], status: 422)
        }
        switch refusal {
        case .malformed(let digits):
            let hasSpace =
                typed.utf8.contains { !(UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
                && typed.utf8.contains(UInt8(ascii: " "))
            return sentence(hasSpace ? "code_has_space" : "code_malformed", ["digits": "\(digits)"])
        case .wrong: return Refusal(error: ["code": "fields.totp_wrong"], status: 422)
        case .clockBehind(let seconds):
            return Refusal(
                error: ["code": "fields.totp_wrong"],
                clock: words.sentence("clock_behind", ["amount": words.amount(seconds: seconds)]), status: 422)
        case .replayed(let seconds): return sentence("replay_wait", ["count": "\(seconds)"])
        case .wait(let until): return Refusal(waitUntil: until, status: 429)
        case .stopped: return Refusal(isStopped: true, status: 429)
        case .unavailable: return Refusal(error: ["form": "errors.unavailable.text"], status: 503)
        }
    }

    func refusal(_ refusal: RecoveryCodes.Refusal, _ visit: Visit) -> Refusal {
        switch refusal {
        case .malformed: Refusal(error: ["recovery_code": "fields.recovery_malformed"], status: 422)
        case .wrong: Refusal(error: ["recovery_code": "fields.recovery_wrong"], status: 422)
        case .wait(let until): Refusal(recoveryWaitUntil: until, status: 429)
        }
    }

    /// Draws a page with a form, and what was wrong with what came from it.
    func draw(
        _ page: PageName, title: String, _ visit: Visit, _ context: [String: Value], _ refusal: Refusal
    ) -> Response {
        let words = pages.words(for: visit.visitor)
        let errors = refusal.error.mapValues { Value.text(words[$0]) }
            .merging(refusal.sentence.mapValues(Value.text)) { $1 }
        let more: [String: Value] = [
            "has_errors": .flag(!errors.isEmpty), "errors": .dictionary(Rules.noErrors.merging(errors) { $1 }),
            "stopped": .flag(refusal.isStopped), "clock_text": .optional(refusal.clock),
            "wait": wait(until: refusal.waitUntil, visit, words),
            "recovery_wait": wait(until: refusal.recoveryWaitUntil, visit, words),
        ]
        var response = pages.draw(
            page, title: title, for: visit.visitor, context.merging(more) { $1 }, status: refusal.status)
        if let until = refusal.waitUntil ?? refusal.recoveryWaitUntil {
            response.set("Retry-After", "\(Self.seconds(to: until, visit))")
        }
        return response
    }

    private func wait(until: Instant?, _ visit: Visit, _ words: Words) -> Value {
        guard let until else { return .absent }
        let seconds = Self.seconds(to: until, visit)
        let time = LocalTime(language: visit.visitor.language, zone: rules.zone).clock(until)
        let text = words.sentence("wait", ["amount": words.amount(seconds: seconds), "time": time])
        return ["seconds": .text("\(seconds)"), "until_text": .text(time), "text": .text(text)]
    }

    private static func seconds(to until: Instant, _ visit: Visit) -> Int {
        Int(max(1, (until - visit.now).seconds.rounded(.up)))
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
