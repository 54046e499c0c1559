import Domain

/// The fields that several endpoints share.
extension Field {
    static let reported = [
        Field(
            "address", .address, isRequired: false,
            "The person's own IP address, as the application sees it: it appears in mails and the audit log."),
        Field(
            "browser", .text(1...200, .line), isRequired: false,
            "The person's browser, such as the User-Agent header: it appears beside the address."),
    ]

    static func email(_ meaning: String) -> Field { Field("email", .text(3...254, .email), meaning) }

    static func language(_ meaning: String) -> Field {
        Field("language", .choice(Language.allCases.map(\.rawValue)), isRequired: false, meaning)
    }

    static let code = Field(
        "code", .text(1...TypedCode.maximumBytes),
        "The code as the person typed it: spaces, hyphens and digits of other scripts are understood.")

    static let retryAfter = Field(
        "retry_after", .number, isRequired: false,
        "With wait and replayed: seconds until another code can be accepted.")
}

extension ApplicationAPI {
    func userTypeField(_ meaning: String) -> Field {
        Field("user_type", .choice(settings.userTypes.map(\.id)), meaning)
    }

    /// The bodies of answers, by the name of their schema.
    var schemas: [(name: String, fields: [Field])] {
        [
            ("User", userFields),
            (
                "CodeResult",
                [
                    Field("result", .choice(CodeResult.allCases.map(\.rawValue)), "What became of the code."),
                    .retryAfter,
                    Field(
                        "clock_off_seconds", .number, isRequired: false,
                        "By how much the phone's clock is ahead (negative: behind), where the code shows it."),
                    Field(
                        "activated", .flag, isRequired: false,
                        "With accepted: whether this was the first right code, which activates the secret."),
                ]
            ),
            (
                "RecoveryCodeResult",
                [
                    Field("result", .choice(RecoveryCodeResult.allCases.map(\.rawValue)), "What became of the code."),
                    Field("remaining", .number, isRequired: false, "With accepted: how many codes are left."),
                    .retryAfter,
                ]
            ),
            (
                "Enrollment",
                [
                    Field("otpauth", .text(1...2000), "What the QR code says."),
                    Field("secret", .text(16...256), "The secret in Base32, to type where nothing can be scanned."),
                    Field(
                        "qr_svg", .text(1...200_000), "The QR code as an svg element, to be shown to the person only."),
                ]
            ),
            (
                "RecoveryCodes",
                [
                    Field(
                        "codes", .texts,
                        "The codes: shown this once; only digests of them are kept, and with an Idempotency-Key the sealed answer for a day."
                    )
                ]
            ),
            (
                "ResetRequest",
                [
                    Field(
                        "id", .text(1...64), "The request's number, which stands in its mail and with operators too."),
                    Field("state", .choice(ResetRequestState.allCases.map(\.rawValue)), "How far the request is."),
                    Field(
                        "reason", .text(0...1000), isRequired: false,
                        "With refused, failed and bounced: why, for the application and not for the person."),
                ]
            ),
        ]
    }

    private var userFields: [Field] {
        [
            Field(
                "user_id", .text(1...UserID.maximumBytes, .userID), "The User ID as it is stored; case does not count."),
            .email("Where mails go."), userTypeField("One of the configured user types."),
            Field("language", .choice(Language.allCases.map(\.rawValue)), "Of mails."),
            Field("active", .flag, "Whether the account may be used."),
            Field(
                "totp", .choice(TOTPState.allCases.map(\.rawValue)),
                "none: no secret. pending: a secret was given and no code of it accepted yet. active: codes can be checked."
            ),
            Field("totp_required", .flag, "Whether the policy asks users of this type for codes now."),
            Field("recovery_codes_left", .number, "How many recovery codes can still be spent."),
            Field("created_at", .text(20...30), "When the account was made (RFC 3339)."),
        ]
    }
}
