import Domain
import HTTPServer
import JSON
import Spelling

/// A field of a request or an answer: what it is, and the rule that a request's value is held to. The OpenAPI document is
/// made of the same values.
struct Field: Sendable {
    enum Kind: Sendable {
        /// From one number of characters (Unicode scalars) to another.
        case text(ClosedRange<Int>, TextForm = .anything)
        /// An IP address.
        case address
        case choice([String])
        case flag
        case number
        case texts
    }

    let name: String
    let kind: Kind
    let isRequired: Bool
    /// For developers, in one sentence.
    let meaning: String

    init(_ name: String, _ kind: Kind, isRequired: Bool = true, _ meaning: String) {
        self.name = name
        self.kind = kind
        self.isRequired = isRequired
        self.meaning = meaning
    }

    /// As OpenAPI's dialect of JSON Schema has it.
    var schema: JSONTree {
        var schema: [String: JSONTree] = ["description": .text(meaning)]
        switch kind {
        case .text(let length, let form):
            schema["type"] = "string"
            schema["minLength"] = .number(Double(length.lowerBound))
            schema["maxLength"] = .number(Double(length.upperBound))
            schema["pattern"] = form.pattern.map { .text($0) }
            schema["format"] = form.format.map { .text($0) }
        case .address:
            schema["type"] = "string"
            schema["anyOf"] = [["format": "ipv4"], ["format": "ipv6"]]
        case .choice(let choices):
            schema["type"] = "string"
            schema["enum"] = .list(choices.map { .text($0) })
        case .flag: schema["type"] = "boolean"
        case .number: schema["type"] = "integer"
        case .texts:
            schema["type"] = "array"
            schema["items"] = ["type": "string"]
        }
        return .object(schema)
    }

    /// What is wrong with a value; nil when nothing is.
    func error(_ value: JSONTree) -> Problem.FieldError? {
        func wrong(_ rule: String, _ detail: String) -> Problem.FieldError {
            Problem.FieldError(field: name, rule: rule, detail: detail)
        }
        switch (kind, value) {
        case (.text(let length, let form), .text(let text)):
            guard length.contains(text.unicodeScalars.count) else {
                return wrong("length", "must have \(length.lowerBound) to \(length.upperBound) characters")
            }
            return form.accepts(text) ? nil : wrong("form", "must be \(form.rule)")
        case (.choice(let choices), .text(let text)):
            let isKnown = choices.contains { $0.utf8.elementsEqual(text.utf8) }
            return isKnown ? nil : wrong("choice", "must be one of \(choices.joined(separator: ", "))")
        case (.address, .text(let text)): return IPAddress(text) == nil ? wrong("form", "must be an IP address") : nil
        case (.flag, .flag): return nil
        case (.text, _), (.address, _), (.choice, _): return wrong("type", "must be text")
        case (.flag, _): return wrong("type", "must be true or false")
        case (.number, _), (.texts, _): return wrong("type", "is no field of requests")
        }
    }
}

/// What a text must look like.
enum TextForm: Sendable {
    case anything
    case userID
    case email
    /// A TOTP secret in Base32.
    case secret
    /// The address in a QR code of an authenticator.
    case otpauth
    /// Without line ends and other control characters, since it stands in mails and the audit log.
    case line

    func accepts(_ text: String) -> Bool {
        switch self {
        // The last two are read by `Authenticator`, which says more of what is wrong with them.
        case .anything, .secret, .otpauth: true
        // As it is: what programs send needs no trimming.
        case .userID: UserID(text)?.text.utf8.elementsEqual(text.utf8) ?? false
        case .email: EmailAddress(text)?.text.utf8.elementsEqual(text.utf8) ?? false
        case .line: !text.unicodeScalars.contains(where: Self.breaksLines)
        }
    }

    /// Ends of lines, other control characters, and marks that turn the direction of what follows.
    private static func breaksLines(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0...0x1F, 0x7F...0x9F, 0x2028...0x202E, 0x200E...0x200F, 0x2066...0x2069: true
        default: false
        }
    }

    /// What programs should send, as a regular expression that JSON Schema reads (ECMA 262). Other spellings of secrets are
    /// understood too, since they come from everywhere.
    var pattern: String? {
        let (secret, issuer) = ("secret=[A-Za-z2-7]{16,205}", "issuer=[A-Za-z0-9._%-]{1,60}")
        return switch self {
        case .anything, .email: nil
        case .userID: "^[A-Za-z0-9._@-]{1,64}$"
        case .secret: "^[A-Za-z2-7]{16,205}$"
        case .otpauth:
            #"^otpauth://totp/[!-"$->@-~]{1,200}\?(\#(issuer)&)?\#(secret)(&\#(issuer))?(&algorithm=SHA(1|256|512))?"#
                + "(&digits=[68])?(&period=[36]0)?$"
        case .line: #"^[^\u0000-\u001F\u007F-\u009F\u200E\u200F\u2028-\u202E\u2066-\u2069]*$"#
        }
    }

    /// As JSON Schema names it.
    var format: String? {
        switch self {
        case .email: "email"
        default: nil
        }
    }

    var rule: String {
        switch self {
        case .anything: "text"
        case .userID: UserID.rule
        case .email: "an address such as name@example.org, of ASCII letters"
        case .secret: "a secret in Base32"
        case .otpauth: "an otpauth:// address"
        case .line: "text without line ends and control characters"
        }
    }
}
