extension ResetRequestValidation {
    /// Why nobody is mailed. The text is the reason operators read on the job.
    package enum ResetRefusal: String, Sendable, CaseIterable {
        case captchaForged = "captcha-forged"
        case captchaWrong = "captcha-wrong"
        case captchaExpired = "captcha-expired"
        case captchaSpent = "captcha-spent"
        case accountUnknown = "account-unknown"
        case accountInactive = "account-inactive"
        case emailMismatch = "email-mismatch"
        case userTypeMismatch = "user-type-mismatch"
        case totpOff = "totp-off"
        case accountLimit = "account-limit"
        /// The account's secret changed, or the link was used, cancelled or ran out, while its mail was still waiting.
        case overtaken

        /// What a helpdesk needs to know to help, in a sentence. For operators: people must not learn who has an account.
        package var explanation: String {
            switch self {
            case .captchaForged: "The security code was not made by this installation, or its key is gone."
            case .captchaWrong: "The security code was wrong."
            case .captchaExpired:
                "The security code was older than \(CaptchaService.lifetime.milliseconds / 60_000) minutes."
            case .captchaSpent: "The security code had been used for another request."
            case .accountUnknown: "There is no account with the User ID that was typed."
            case .accountInactive: "The account is deactivated."
            case .emailMismatch: "The e-mail address that was typed is not the registered one."
            case .userTypeMismatch: "The account has another user type than the one that was chosen."
            case .totpOff: "The account has no TOTP to reset: its owner logs in and activates it."
            case .accountLimit: "The account had as many links within the hour as it may have; the newest one works."
            case .overtaken:
                "A newer request, a cancellation or a change of the TOTP secret came before the mail could go out."
            }
        }
    }
}
