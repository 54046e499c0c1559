import Domain
import HTTPServer

/// What somebody typed to show a second time, or with a second factor, that they are the owner.
struct SecondFactorForm: Sendable {
    let code: String
    /// Takes the code's place when it is not empty.
    let recovery: String
    /// The words, as keys, for what was left empty. The page of the code has a form for each kind, the page that disables
    /// one form for both.
    let missing: [FieldName: String]

    init(_ fields: Fields) throws {
        code = try fields.optional(FieldName.code.rawValue) ?? ""
        recovery = try fields.optional(FieldName.recoveryCode.rawValue) ?? ""
        let asksCode = !fields.values(FieldName.code.rawValue).isEmpty
        let asksRecovery = !fields.values(FieldName.recoveryCode.rawValue).isEmpty
        missing =
            switch (code.isEmpty && recovery.isEmpty, asksCode, asksRecovery) {
            case (false, _, _): [:]
            case (true, true, true): [.code: "fields.totp_or_recovery_missing"]
            case (true, false, true): [.recoveryCode: "fields.recovery_missing"]
            default: [.code: "fields.totp_missing"]
            }
    }
}

/// What the question for a code depends on.
struct CodePrompt: Sendable {
    let digits: Int
    /// Whether a recovery code may answer it.
    let hasRecovery: Bool
}

/// Password and code, wherever they are asked for.
extension Portal {
    static func typedPassword(_ fields: Fields) throws -> [UInt8] {
        Array((try fields.optional(FieldName.password.rawValue) ?? "").utf8)
    }

    /// Why the password of somebody who is logged in is not accepted; nil when it is theirs.
    func confirmPassword(_ password: [UInt8], of account: Account, _ context: RequestContext) throws -> FormErrors? {
        let outcome = try services.login.confirmPassword(
            password, of: account, in: store, at: context.now, from: context.origin)
        return outcome.map { formErrors($0, field: .password, wrong: "fields.password_wrong") }
    }

    func codeQuestion(of account: Account, in transaction: any AccountReader & LoginReader) throws -> CodePrompt {
        let codes = try transaction.recoveryCodes(account: account.id)
        let parameters = try transaction.credentials(account: account.id)?.parameters ?? .standard
        return CodePrompt(digits: parameters.digits, hasRecovery: codes.map { $0.remaining > 0 } ?? false)
    }

    /// What a code, or a recovery code in its place, turned out to be.
    enum SecondFactorResult: Sendable {
        case accepted(LoginSession.Factor)
        case code(CodeVerification.CodeRefusal)
        case recovery(RecoveryCodes.RecoveryCodeRefusal)
    }

    func checkSecondFactor(
        _ typed: SecondFactorForm, of account: Account, in transaction: any CodeVerification.Transaction,
        at now: Instant,
        from address: String
    ) throws -> SecondFactorResult {
        guard typed.recovery.isEmpty else {
            let result = try services.recovery.spend(
                typed.recovery, of: account, in: transaction, at: now, from: address)
            return switch result {
            case .accepted: .accepted(.recovery)
            case .refused(let refusal): .recovery(refusal)
            }
        }
        return switch try services.codes.check(typed.code, of: account, in: transaction, at: now, from: address) {
        case .accepted: .accepted(.totp)
        case .refused(let refusal): .code(refusal)
        }
    }

    func refusal(_ proof: SecondFactorResult, _ context: RequestContext) -> FormErrors {
        switch proof {
        case .accepted: .none
        case .code(let refusal): formErrors(refusal, context)
        case .recovery(let refusal): formErrors(refusal)
        }
    }
}

extension FormErrors {
    static let passwordMissing = FormErrors(keys: [.password: "fields.password_missing"], status: 422)
}
