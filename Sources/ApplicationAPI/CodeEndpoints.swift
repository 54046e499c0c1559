import Domain
import HTTPServer
import JSON

/// What became of a code, for the application to act on.
enum CodeResult: String, Sendable, CaseIterable {
    case accepted
    case wrong
    /// Used before, or older than one that was used: the person waits for the next one.
    case replayed
    /// Not as many digits as a code has; it counted as no attempt.
    case malformed
    /// There is no secret to check it against, or the account is deactivated.
    case notActive = "not-active"
    /// Too many wrong codes: nothing is checked until then.
    case wait
    /// Too many wrong codes in a row: only a recovery code or a reset helps.
    case stopped
}

enum RecoveryCodeResult: String, Sendable, CaseIterable {
    case accepted
    /// Never made, or spent before.
    case wrong
    case malformed
    case notActive = "not-active"
    case wait
}

/// `…/verify`: whether what a person typed lets them in.
extension ApplicationAPI {
    var codeEndpoints: [Endpoint] {
        [
            Endpoint(
                .post, "/v1/users/{user_id}/verify", "verifyCode",
                "Check a code: of many requests with one code exactly one is accepted", scopes: [.verify],
                fields: [.code] + Field.reported, answers: [.init(200, "What became of the code.", "CodeResult")],
                problems: [.unknownUser, .userInactive, .secretUnreadable], checkReplay: Self.stillThere,
                handler: .writing(verifyCode)),
            Endpoint(
                .post, "/v1/users/{user_id}/recovery-codes/verify", "verifyRecoveryCode",
                "Spend a recovery code; the user is told by mail", scopes: [.verify],
                fields: [.code] + Field.reported,
                answers: [.init(200, "What became of the code.", "RecoveryCodeResult")],
                problems: [.unknownUser, .userInactive],
                checkReplay: Self.stillThere, handler: .writing(verifyRecoveryCode)),
        ]
    }

    /// Of a user who is gone or was deactivated meanwhile nothing is told again.
    static let stillThere: Endpoint.ReplayCheck = { call, transaction, _ in
        guard try call.account(in: transaction).isActive else {
            throw Problem(.userInactive, "The user was deactivated after the first answer.")
        }
    }

    private func verifyCode(_ call: Call, _ store: any Store) throws -> Response {
        let (now, place, actor) = (call.now, call.place, call.application.actor)
        let code = call.values.text("code") ?? ""
        let (outcome, hasSecret) = try store.write { transaction -> (CodeVerification.Outcome, Bool) in
            let account = try call.account(in: transaction)
            guard account.isActive, account.totp != .none else { return (.refused(.unavailable), false) }
            let outcome = try services.codes.check(code, of: account, in: transaction, at: now, from: place, by: actor)
            if case .accepted = outcome {
                try transaction.append(AuditEvent(.codeAccepted, of: account, at: now, from: place, by: actor))
            }
            return (outcome, true)
        }
        switch outcome {
        case .refused(.unavailable) where hasSecret:
            // No answer to go by: "not-active" would tell the application that no code is due.
            let problem = Problem(
                .secretUnreadable, "Let nobody in until an operator restores the seal key or resets TOTP.")
            return problem.response(request: call.number)
        case .accepted(let activated, let secondsAhead):
            return Self.response(
                CodeResult.accepted,
                ["activated": .flag(activated), "clock_off_seconds": .number(Double(secondsAhead))])
        case .refused(let refusal): return Self.response(refusal, at: now)
        }
    }

    private static func response(_ refusal: CodeVerification.CodeRefusal, at now: Instant) -> Response {
        switch refusal {
        case .malformed: response(CodeResult.malformed)
        case .wrong: response(CodeResult.wrong)
        case .clockBehind(let seconds): response(CodeResult.wrong, ["clock_off_seconds": .number(Double(-seconds))])
        case .replayed(let seconds): response(CodeResult.replayed, ["retry_after": .number(Double(seconds))])
        case .outdated: response(CodeResult.replayed)
        case .wait(let until): response(CodeResult.wait, ["retry_after": Self.seconds(until, after: now)])
        case .stopped: response(CodeResult.stopped)
        case .unavailable: response(CodeResult.notActive)
        }
    }

    private func verifyRecoveryCode(_ call: Call, _ store: any Store) throws -> Response {
        let (now, place, actor) = (call.now, call.place, call.application.actor)
        let code = call.values.text("code") ?? ""
        return try store.write { transaction in
            let account = try call.account(in: transaction)
            guard account.isActive, account.totp == .active else { return Self.response(RecoveryCodeResult.notActive) }
            let outcome = try services.recovery.spend(
                code, of: account, in: transaction, at: now, from: place, by: actor)
            return switch outcome {
            case .accepted(let remaining):
                Self.response(RecoveryCodeResult.accepted, ["remaining": .number(Double(remaining))])
            case .refused(.malformed): Self.response(RecoveryCodeResult.malformed)
            case .refused(.wrong): Self.response(RecoveryCodeResult.wrong)
            case .refused(.wait(let until)):
                Self.response(RecoveryCodeResult.wait, ["retry_after": Self.seconds(until, after: now)])
            }
        }
    }

    private static func response(
        _ result: some RawRepresentable<String>, _ more: [String: JSONTree] = [:]
    ) -> Response {
        .tree(.object(more.merging(["result": .text(result.rawValue)]) { $1 }))
    }

    /// Whole seconds, rounded up: who comes back then is not told to wait again.
    private static func seconds(_ until: Instant, after now: Instant) -> JSONTree {
        .number(Double((max(0, until.milliseconds - now.milliseconds) + 999) / 1000))
    }
}
