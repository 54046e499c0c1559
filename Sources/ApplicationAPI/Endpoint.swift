import Domain
import HTTPServer
import JSON

/// One address and method: what it takes, what it gives, and who may call it.
struct Endpoint: Sendable {
    enum HTTPMethod: String, Sendable { case get, put, post, delete }

    /// What an answer looks like.
    struct Answer: Sendable {
        let status: Int
        let meaning: String
        /// The name of its schema; nil where there is no body.
        let schema: String?

        init(_ status: Int, _ meaning: String, _ schema: String? = nil) {
            self.status = status
            self.meaning = meaning
            self.schema = schema
        }
    }

    /// Answers, and does what is asked.
    typealias Writer = @Sendable (Call, any Store) throws -> Response

    enum Handler: Sendable {
        /// Answers from the snapshot in which the caller's key was found.
        case reading(@Sendable (Call, any ReadTransaction) throws -> Response)
        case writing(Writer)
    }

    /// - Parameter body: of the answer.
    typealias ReplayCheck = @Sendable (Call, any ReadTransaction, _ body: JSONTree?) throws -> Void

    let method: HTTPMethod
    /// Such as `/v1/users/{user_id}`.
    let path: String
    /// Unique; generators of clients name their functions by it.
    let operation: String
    let summary: String
    /// Any of these lets a key in.
    let scopes: [ApplicationScope]
    let fields: [Field]
    /// Fields of which one may be given.
    let exclusive: [String]
    let answers: [Answer]
    /// Problems besides those that any request may meet.
    let problems: [Problem.Kind]
    /// Whether an answer may be given again now; throws the problem that speaks against it.
    let checkReplay: ReplayCheck
    let handler: Handler

    init(
        _ method: HTTPMethod, _ path: String, _ operation: String, _ summary: String, scopes: [ApplicationScope],
        fields: [Field] = [], exclusive: [String] = [], answers: [Answer], problems: [Problem.Kind] = [],
        checkReplay: @escaping ReplayCheck = { _, _, _ in }, handler: Handler
    ) {
        self.method = method
        self.path = path
        self.operation = operation
        self.summary = summary
        self.scopes = scopes
        self.fields = fields
        self.exclusive = exclusive
        self.answers = answers
        self.problems = problems
        self.checkReplay = checkReplay
        self.handler = handler
    }

    /// A body whose fields are all optional may be left out.
    var needsBody: Bool { fields.contains(where: \.isRequired) }

    /// The names in braces in the path.
    var parameterNames: [String] {
        path.split(separator: "/").filter { $0.hasPrefix("{") }.map { String($0.dropFirst().dropLast()) }
    }

    /// All that a request may meet.
    var allProblems: [Problem.Kind] {
        var kinds = problems + [.badRequest, .unauthorized, .forbidden, .tooManyAttempts, .internalError, .unavailable]
        if !fields.isEmpty { kinds += [.malformedJSON, .tooLarge, .unsupportedMediaType, .invalidFields] }
        if isRepeatable { kinds.append(.idempotencyKeyReused) }
        return kinds
    }

    /// Whether the answer may be given again under an idempotency key.
    var isRepeatable: Bool { method == .post || method == .put }
}

/// One request of an application, let in and checked.
struct Call: Sendable {
    /// Under which the log has it.
    let number: String
    let caller: ApplicationCaller
    let request: Request
    let parameters: [String: String]
    let values: FieldValues
    let now: Instant

    var application: Application { caller.application }

    /// Where the person sits, as far as the application says, for mails and the audit log.
    var place: String {
        guard let address = values.text("address") else { return application.name }
        return values.text("browser").map { "\(address) (\($0))" } ?? address
    }

    /// The account that the path names.
    func account(in transaction: any AccountReader) throws -> Account {
        let userID = parameters["user_id"] ?? ""
        guard let account = try transaction.account(userID: userID), application.covers(account.userType) else {
            throw Problem(
                .unknownUser, "There is no user with this User ID, or this application has nothing to do with them.")
        }
        return account
    }
}
