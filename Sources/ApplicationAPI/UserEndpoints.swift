import Domain
import HTTPServer
import JSON

/// `/v1/users/{user_id}`: the accounts themselves.
extension ApplicationAPI {
    var userEndpoints: [Endpoint] {
        [
            Endpoint(
                .get, "/v1/users/{user_id}", "getUser", "Read a user", scopes: [.verify, .provision],
                answers: [.init(200, "The user.", "User")], problems: [.unknownUser],
                handler: .reading { call, transaction in
                    .tree(try user(try call.account(in: transaction), in: transaction, at: call.now))
                }),
            Endpoint(
                .put, "/v1/users/{user_id}", "putUser", "Make a user, or change the one that is there",
                scopes: [.provision], fields: changeableFields, exclusive: ["otpauth", "totp_secret"],
                answers: [.init(200, "The user, changed.", "User"), .init(201, "The user, made.", "User")],
                problems: [.totpExists], handler: .writing(putUser)),
            Endpoint(
                .delete, "/v1/users/{user_id}", "deleteUser",
                "Delete a user with the TOTP secret, recovery codes and sessions; the audit log stays",
                scopes: [.provision], fields: Field.reported, answers: [.init(204, "The user is gone.")],
                problems: [.unknownUser],
                handler: .writing(deleteUser)),
        ]
    }

    private var changeableFields: [Field] {
        [
            .email("Where mails go."), userTypeField("One of the configured user types."),
            .language(
                "Of mails; without it a new user gets the installation's language and one that is there keeps theirs."),
            Field(
                "active", .flag, isRequired: false,
                "false keeps the user from logging in and ends the sessions; without it nothing changes."),
            Field(
                "otpauth", .text(1...2000, .otpauth), isRequired: false,
                "The otpauth:// address of an authenticator in use elsewhere, which goes on working here."),
            Field(
                "totp_secret", .text(1...256, .secret), isRequired: false,
                "In place of otpauth: the secret alone in Base32, with SHA-1, six digits and 30 seconds."),
        ] + Field.reported
    }

    private func putUser(_ call: Call, _ store: any Store) throws -> Response {
        guard let userID = UserID(call.parameters["user_id"] ?? "") else {
            throw Problem([.init(field: "user_id", rule: "form", detail: "must be \(UserID.rule)")])
        }
        let values = call.values
        let (email, userType) = (try values.email("email"), values.text("user_type") ?? "")
        guard call.application.covers(userType) else {
            throw Problem([
                .init(field: "user_type", rule: "choice", detail: "is not among the user types of this application")
            ])
        }
        let authenticator = try Self.authenticator(values)
        let language = values.language()
        let (now, actor, place) = (call.now, call.application.actor, call.place)
        return try store.write { transaction in
            if let account = try transaction.account(userID: userID.text) {
                guard call.application.covers(account.userType) else {
                    throw Problem(
                        .forbidden, "This User ID is that of a user whom this application has nothing to do with.")
                }
                let changes = AccountChange.changes(
                    to: email, userType: userType, language: language, isActive: values.flag("active"), of: account)
                for change in changes {
                    try change.apply(
                        to: try call.account(in: transaction), in: transaction, at: now, by: actor, from: place)
                }
                if let authenticator { try adopt(authenticator, for: account, in: transaction, call) }
                return .tree(try user(try call.account(in: transaction), in: transaction, at: now))
            }
            try services.accounts.create(
                NewAccount(
                    userID: userID, userType: userType, email: email, language: language ?? settings.language,
                    passwordHash: nil),
                authenticator: authenticator, in: transaction, at: now, by: actor, from: place)
            let account = try call.account(in: transaction)
            if values.flag("active") == false {
                try AccountChange.isActive(false).apply(to: account, in: transaction, at: now, by: actor, from: place)
            }
            return .tree(try user(try call.account(in: transaction), in: transaction, at: now), status: 201)
        }
    }

    /// The same secret again is no error: the answer to the first request may have been lost.
    private func adopt(
        _ authenticator: Authenticator, for account: Account, in transaction: any WriteTransaction, _ call: Call
    ) throws {
        if account.totp == .none {
            return try services.accounts.adopt(
                authenticator, for: account, in: transaction, at: call.now, by: call.application.actor, from: call.place
            )
        }
        let credentials = try transaction.credentials(account: account.id)
        let secret = credentials.flatMap { services.codes.secret($0, of: account) }
        guard secret == authenticator.secret, credentials?.parameters == authenticator.parameters else {
            throw Problem(
                .totpExists,
                "The user has another TOTP secret; DELETE /v1/users/ID/totp clears it, and the user is told.")
        }
    }

    private static func authenticator(_ values: FieldValues) throws(Problem) -> Authenticator? {
        guard let name = ["otpauth", "totp_secret"].first(where: { values.text($0) != nil }),
            let text = values.text(name)
        else { return nil }
        do {
            return try Authenticator(reading: text)
        } catch {
            throw Problem([.init(field: name, rule: "form", detail: "cannot be taken over: \(error.description)")])
        }
    }

    private func deleteUser(_ call: Call, _ store: any Store) throws -> Response {
        try store.write { transaction in
            let account = try call.account(in: transaction)
            try transaction.delete(account: account.id, at: call.now)
            try transaction.append(
                AuditEvent(.userDeleted, of: account, at: call.now, from: call.place, by: call.application.actor)
                    .publishing(.accountChanged, of: account, ["change": "deleted"]))
            return Response(status: 204)
        }
    }

    /// An account as applications read it.
    func user(_ account: Account, in transaction: any ReadTransaction, at now: Instant) throws -> JSONTree {
        let policy = Policy(rules: try transaction.policyRules())
        let recovery = try transaction.recoveryCodes(account: account.id)
        return [
            "user_id": .text(account.userID), "email": .text(account.email), "user_type": .text(account.userType),
            "language": .text(account.language.rawValue), "active": .flag(account.isActive),
            "totp": .text(account.totp.rawValue),
            "totp_required": .flag(policy.requiresTOTP(account.userType, at: now)),
            "recovery_codes_left": .number(Double(recovery?.remaining ?? 0)),
            "created_at": .text(account.createdAt.rfc3339),
        ]
    }
}
