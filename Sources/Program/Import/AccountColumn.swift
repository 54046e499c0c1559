import Domain

/// What a table of accounts can say of each.
enum AccountColumn: String, CaseIterable {
    case userID = "user_id"
    case email
    case userType = "user_type"
    case language
    case otpauth
    case totpSecret = "totp_secret"
    case passwordHash = "password_hash"

    static let required: [AccountColumn] = [.userID, .email, .userType]

    /// Reads the heading of a column: without case, spaces, underscores and hyphens, also as forms and the user guide
    /// call it.
    init?(heading: String) {
        let heading = Self.normalised(heading)
        guard let column = Self.allCases.first(where: { $0.headings.contains(heading) }) else { return nil }
        self = column
    }

    private var headings: [String] {
        [Self.normalised(rawValue)]
            + {
                switch self {
                case .userType: ["tipeuser", "jenisuser"]
                case .email: ["alamatemail", "emailaddress"]
                case .language: ["bahasa"]
                case .otpauth: ["otpauthuri", "otpauthurl"]
                case .userID, .totpSecret, .passwordHash: []
                }
            }()
    }

    private static func normalised(_ heading: String) -> String {
        CanonicalText.folded(heading).filter { !$0.isWhitespace && $0 != "_" && $0 != "-" }
    }
}
