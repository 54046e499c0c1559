/// An event that the account's owner is notified of by mail. The text is the kind of its job and the name of its template.
package enum Notice: String, Sendable, CaseIterable {
    /// TOTP was reset.
    case reset = "reset-notice"
    /// TOTP was activated.
    case activation = "activation-notice"
    /// TOTP was disabled.
    case disabling = "disable-notice"
    /// The right password, then many wrong codes in a row: somebody may know the password.
    case failures = "failure-notice"
    /// Somebody logged in with a recovery code.
    case recovery = "recovery-notice"

    package var kind: JobKind {
        switch self {
        case .reset: .resetNotice
        case .activation: .activationNotice
        case .disabling: .disablingNotice
        case .failures: .failureNotice
        case .recovery: .recoveryNotice
        }
    }

    package var template: TemplatedMail.Template {
        switch self {
        case .reset: .resetNotice
        case .activation: .activationNotice
        case .disabling: .disablingNotice
        case .failures: .failureNotice
        case .recovery: .recoveryNotice
        }
    }
}

extension JobKind {
    /// The notice that a job of this kind sends; nil for a kind that is no notice.
    package var notice: Notice? { Notice(rawValue: rawValue) }
}
