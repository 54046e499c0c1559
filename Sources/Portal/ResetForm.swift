import Domain
import HTTPServer
import Mustache
import Pages

/// What somebody typed into the reset form, as it came, and what is wrong with it.
struct ResetForm: Sendable, Equatable {
    var userID = ""
    var email = ""
    var userType = ""
    var securityCode = ""
    var captcha = ""
    var csrf = ""
    var wantsNewPicture = false

    init() {}

    /// - Throws: `RequestError` when a field is there twice, or under a name that makes it a list.
    init(_ fields: Fields) throws {
        for field in fields.pairs where field.name.utf8.contains(UInt8(ascii: "[")) {
            throw RequestError.repeatedField(String(field.name.prefix { $0 != "[" }))
        }
        func field(_ name: String) throws -> String { try fields.optional(name) ?? "" }
        // People's keyboards and password managers add spaces around what they fill in.
        userID = CanonicalText.trimmed(try field("user_id"))
        email = CanonicalText.trimmed(try field("email"))
        userType = try field("user_type")
        securityCode = try field("security_code")
        captcha = try field("captcha")
        csrf = try field("csrf")
        wantsNewPicture = try !field("refresh").isEmpty
    }

    /// The words, as keys, that tell what is wrong with each field.
    func mistakes(types: [UserType], captchas: CaptchaService, at now: Instant) -> [FieldName: String] {
        var mistakes: [FieldName: String] = [:]
        mistakes[.userID] = Self.userIDMistake(userID)
        if email.isEmpty {
            mistakes[.email] = "email_missing"
        } else if email.utf8.count > EmailAddress.maximumBytes {
            mistakes[.email] = "too_long"
        } else if EmailAddress(email) == nil {
            mistakes[.email] = "email_malformed"
        }
        if userType.isEmpty {
            mistakes[.userType] = "type_missing"
        } else if types.type(id: userType) == nil {
            mistakes[.userType] = "type_unknown"
        }
        mistakes[.securityCode] = codeMistake(captchas, at: now)
        return mistakes.mapValues { "fields.\($0)" }
    }

    static func userIDMistake(_ userID: String) -> String? {
        if userID.isEmpty { return "user_id_missing" }
        if userID.utf8.count > UserID.maximumBytes { return "too_long" }
        return UserID(userID) == nil ? "user_id_malformed" : nil
    }

    private func codeMistake(_ captchas: CaptchaService, at now: Instant) -> String? {
        guard !securityCode.isEmpty else { return "code_missing" }
        guard let challenge = captchas.challenge(id: captcha) else { return "code_expired" }
        return switch challenge.check(securityCode, at: now) {
        case .right: nil
        case .wrong: "code_wrong"
        case .malformed: "code_malformed"
        case .expired: "code_expired"
        }
    }
}
