import Cryptography
import Domain

/// One account as a person wrote it, on the command line or in a CSV file, checked.
struct AccountRow: Sendable {
    let account: NewAccount
    /// The authenticator that is in use already.
    let authenticator: OTPAuthURI?

    /// - Parameters:
    ///   - values: by the names of CSV columns: `user_id`, `email`, `user_type`, `language`, `otpauth`, `password_hash`.
    ///   - passwordHash: in place of the column's.
    /// - Throws: `AccountRowError` with everything that is wrong.
    init(_ values: [String: String], types: [UserType], standard: Language, passwordHash: String?) throws {
        var problems: [String] = []
        let userID = UserID(values["user_id"] ?? "")
        if userID == nil {
            problems.append("user_id must be 1 to \(UserID.maximumBytes) letters, digits or . _ - @")
        }
        let email = EmailAddress(values["email"] ?? "")
        if email == nil { problems.append("email must be an address such as name@example.org") }
        let type = values["user_type"] ?? ""
        if !types.contains(where: { $0.id == type }) {
            problems.append("user_type must be one of \(types.map(\.id).joined(separator: ", "))")
        }
        let written = values["language"].flatMap { $0.isEmpty ? nil : $0 }
        let language = written.map { Language(rawValue: $0) } ?? standard
        if language == nil {
            problems.append("language must be one of \(Language.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        var authenticator: OTPAuthURI?
        if let uri = values["otpauth"], !uri.isEmpty {
            do {
                authenticator = try OTPAuthURI(parsing: uri)
            } catch {
                problems.append("otpauth: \(error.description)")
            }
        }
        let imported = values["password_hash"].flatMap { $0.isEmpty ? nil : $0 }
        if let imported, !PasswordHasher.isVerifiable(imported) {
            problems.append(
                "password_hash must be argon2, bcrypt (cost up to 14), sha512crypt or yescrypt, at a cost that a login can bear"
            )
        }
        guard problems.isEmpty, let userID, let email, let language else {
            throw AccountRowError(problems: problems)
        }
        account = NewAccount(
            userID: userID, userType: type, email: email, language: language,
            passwordHash: passwordHash ?? imported)
        self.authenticator = authenticator
    }
}

struct AccountRowError: PresentableError, Equatable {
    let problems: [String]

    var sentence: String { "The account cannot be made: " + problems.joined(separator: "; ") + "." }
    var detail: String { "" }
}
