import HTTPServer
import JSON

/// Why a request is refused, as RFC 9457 has it: a stable type for programs, a sentence for their developers.
struct Problem: Error, Sendable, Equatable {
    /// What is wrong with one field.
    struct FieldError: Sendable, Equatable {
        let field: String
        /// Which rule it breaks: one of `rules`.
        let rule: String
        let detail: String

        static let rules = ["missing", "unknown", "type", "length", "form", "choice"]
    }

    /// The kinds of refusal; the last part of the type's URN.
    enum Kind: String, Sendable, CaseIterable {
        case malformedJSON = "malformed-json"
        case badRequest = "bad-request"
        case unauthorized
        case forbidden
        case unknownPath = "unknown-path"
        case unknownUser = "unknown-user"
        case unknownRequest = "unknown-request"
        case methodNotAllowed = "method-not-allowed"
        case userInactive = "user-inactive"
        case totpActive = "totp-active"
        case totpNotActive = "totp-not-active"
        case totpExists = "totp-exists"
        case tooLarge = "too-large"
        case unsupportedMediaType = "unsupported-media-type"
        case invalidFields = "invalid-fields"
        case idempotencyKeyReused = "idempotency-key-reused"
        case tooManyAttempts = "too-many-attempts"
        /// The seal of a TOTP secret does not open.
        case secretUnreadable = "secret-unreadable"
        case internalError = "internal"
        case unavailable

        var type: String { "urn:pulih:problem:\(rawValue)" }

        var status: Int {
            switch self {
            case .malformedJSON, .badRequest: 400
            case .unauthorized: 401
            case .forbidden: 403
            case .unknownPath, .unknownUser, .unknownRequest: 404
            case .methodNotAllowed: 405
            case .userInactive, .totpActive, .totpNotActive, .totpExists, .idempotencyKeyReused: 409
            case .tooLarge: 413
            case .unsupportedMediaType: 415
            case .invalidFields: 422
            case .tooManyAttempts: 429
            case .secretUnreadable, .internalError: 500
            case .unavailable: 503
            }
        }

        var title: String {
            switch self {
            case .malformedJSON: "The body is not JSON"
            case .badRequest: "The request cannot be understood"
            case .unauthorized: "The key is missing or wrong"
            case .forbidden: "The key may not do this"
            case .unknownPath: "There is nothing at this address"
            case .unknownUser: "There is no such user"
            case .unknownRequest: "There is no such request"
            case .methodNotAllowed: "This address does not take that method"
            case .userInactive: "The user is deactivated"
            case .totpActive: "TOTP is active"
            case .totpNotActive: "TOTP is not active"
            case .totpExists: "There is another TOTP secret"
            case .tooLarge: "The request is too large"
            case .unsupportedMediaType: "The body is not sent as JSON"
            case .invalidFields: "Some fields are wrong"
            case .idempotencyKeyReused: "The idempotency key was used for another request"
            case .tooManyAttempts: "Too many wrong keys"
            case .secretUnreadable: "The TOTP secret cannot be opened"
            case .internalError: "Something went wrong here"
            case .unavailable: "The service cannot do this now"
            }
        }
    }

    let kind: Kind
    let detail: String
    var errors: [FieldError] = []

    init(_ kind: Kind, _ detail: String, errors: [FieldError] = []) {
        self.kind = kind
        self.detail = detail
        self.errors = errors
    }

    /// - Parameter request: the number under which the log has the request.
    func response(request: String) -> Response {
        var document: [String: JSONTree] = [
            "type": .text(kind.type), "title": .text(kind.title),
            "status": .number(Double(kind.status)), "detail": .text(detail), "request": .text(request),
        ]
        if !errors.isEmpty {
            document["errors"] = .list(
                errors.map { ["field": .text($0.field), "rule": .text($0.rule), "detail": .text($0.detail)] })
        }
        var response = Response.bytes(
            Array(JSONTree.object(document).text().utf8), type: "application/problem+json", status: kind.status)
        if kind == .unauthorized { response.set("WWW-Authenticate", "Bearer") }
        if kind == .unavailable { response.set("Retry-After", "5") }
        if kind == .tooManyAttempts { response.set("Retry-After", "3600") }
        return response
    }
}
