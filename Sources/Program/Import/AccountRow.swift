import Cryptography
import Domain

/// One account as a person wrote it, on the command line or in a table, checked.
struct AccountRow: Sendable {
    let userID: UserID
    let email: EmailAddress
    let userType: String
    let language: Language
    /// The authenticator that is in use already.
    let authenticator: Authenticator?
    let passwordHash: ImportedPasswordHash?

    /// Something wrong with one value.
    struct Problem: Equatable {
        let column: AccountColumn
        let sentence: String
    }

    /// - Parameters:
    ///   - values: what was written under each column.
    ///   - types: those that are configured.
    ///   - standard: the language of accounts that name none.
    /// - Throws: `AccountRowError` with everything that is wrong.
    init(_ values: [AccountColumn: String], types: [UserType], standard: Language) throws(AccountRowError) {
        var problems: [Problem] = []
        func checked<Checked>(_ column: AccountColumn, _ value: Checked?, _ sentence: @autoclosure () -> String)
            -> Checked?
        {
            if value == nil { problems.append(Problem(column: column, sentence: sentence())) }
            return value
        }
        func text(_ column: AccountColumn) -> String? {
            values[column].map(CanonicalText.trimmed).flatMap { $0.isEmpty ? nil : $0 }
        }
        let userID = checked(.userID, UserID(text(.userID) ?? ""), "must be \(UserID.rule)")
        let email = checked(
            .email, EmailAddress(text(.email) ?? ""), "must be an address such as name@example.org, of ASCII letters")
        let type = checked(
            .userType, UserType.named(text(.userType) ?? "", among: types),
            "must be one of \(types.map(\.id).joined(separator: ", "))")
        let language = checked(
            .language, text(.language).map { Language(rawValue: CanonicalText.folded($0)) } ?? standard,
            "must be one of \(Language.allCases.map(\.rawValue).joined(separator: ", "))")
        var authenticator: Authenticator?
        if text(.otpauth) != nil, text(.totpSecret) != nil {
            problems.append(Problem(column: .totpSecret, sentence: "must be empty where otpauth is not"))
        } else if let column = [AccountColumn.otpauth, .totpSecret].first(where: { text($0) != nil }) {
            do {
                authenticator = try Authenticator(reading: text(column) ?? "")
            } catch {
                problems.append(Problem(column: column, sentence: "cannot be taken over: \(error.description)"))
            }
        }
        let passwordHash = text(.passwordHash).flatMap {
            checked(.passwordHash, ImportedPasswordHash($0), "must be \(ImportedPasswordHash.known)")
        }
        guard problems.isEmpty, let userID, let email, let type, let language else {
            throw AccountRowError(problems: problems)
        }
        self.userID = userID
        self.email = email
        userType = type.id
        self.language = language
        self.authenticator = authenticator
        self.passwordHash = passwordHash
    }

    /// - Parameter passwordHash: in the form that is stored.
    func account(passwordHash: String?) -> NewAccount {
        NewAccount(userID: userID, userType: userType, email: email, language: language, passwordHash: passwordHash)
    }
}

struct AccountRowError: PresentableError, Equatable {
    let problems: [AccountRow.Problem]

    var sentence: String {
        let list = problems.map { "\($0.column.rawValue) \($0.sentence)" }.joined(separator: "; ")
        return "The account cannot be made: \(list)."
    }
    var detail: String { "" }
}
