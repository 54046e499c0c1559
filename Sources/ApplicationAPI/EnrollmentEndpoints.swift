import Domain
import HTTPServer
import JSON
import Pictures

/// `…/enrollment`, `…/totp` and `…/recovery-codes`: secrets given and taken away.
extension ApplicationAPI {
    var enrollmentEndpoints: [Endpoint] {
        [
            Endpoint(
                .post, "/v1/users/{user_id}/enrollment", "enroll",
                "Give a new secret, or the one again that waits for its first right code", scopes: [.enroll],
                fields: Field.reported,
                answers: [
                    .init(200, "The secret that was given before and is pending.", "Enrollment"),
                    .init(201, "A new secret, pending until verify accepts a code of it.", "Enrollment"),
                ], problems: [.unknownUser, .userInactive, .totpActive, .totpNotActive, .secretUnreadable],
                checkReplay: checkStillPending, handler: .writing(enroll)),
            Endpoint(
                .delete, "/v1/users/{user_id}/totp", "resetTOTP",
                "Clear the secret as a reset link does: recovery codes and sessions end, the user is told by mail",
                scopes: [.reset],
                fields: [
                    Field("reason", .text(1...200, .line), isRequired: false, "Why, for the audit log.")
                ] + Field.reported,
                answers: [.init(200, "The user, without a secret.", "User")],
                problems: [.unknownUser, .totpNotActive], handler: .writing(resetTOTP)),
            Endpoint(
                .post, "/v1/users/{user_id}/recovery-codes", "makeRecoveryCodes",
                "Make ten recovery codes in place of all earlier ones", scopes: [.enroll], fields: Field.reported,
                answers: [.init(201, "The codes.", "RecoveryCodes")],
                problems: [.unknownUser, .userInactive, .totpNotActive], checkReplay: Self.stillThere,
                handler: .writing(makeRecoveryCodes)),
        ]
    }

    private func enroll(_ call: Call, _ store: any Store) throws -> Response {
        let (uri, isNew) = try store.write { transaction in
            let account = try activeAccount(call, in: transaction)
            guard account.totp != .active else {
                throw Problem(.totpActive, "The user has an active TOTP secret; it is cleared by a reset.")
            }
            try services.enrollment.begin(
                account, in: transaction, at: call.now, from: call.place, by: call.application.actor)
            let uri = try services.enrollment.pendingURI(try call.account(in: transaction), in: transaction)
            return (uri, account.totp == .none)
        }
        guard let uri else {
            throw Problem(.secretUnreadable, "DELETE /v1/users/ID/totp clears it.")
        }
        let picture = try QRCode.svg(for: uri.text, label: "QR code of the TOTP secret of \(uri.account)")
        return .tree(
            ["otpauth": .text(uri.text), "secret": .text(uri.secret.base32), "qr_svg": .text(picture)],
            status: isNew ? 201 : 200)
    }

    /// A secret is shown until its first right code is accepted, and no longer.
    private func checkStillPending(_ call: Call, _ transaction: any ReadTransaction, _ body: JSONTree?) throws {
        let account = try activeAccount(call, in: transaction)
        guard account.totp != .active else {
            throw Problem(.totpActive, "The secret of that answer was activated, and is not shown any more.")
        }
        guard case .object(let answer)? = body, case .text(let shown)? = answer["otpauth"],
            try services.enrollment.pendingURI(account, in: transaction)?.text == shown
        else { throw Problem(.totpNotActive, "The secret of that answer was cleared: ask under a new key.") }
    }

    private func resetTOTP(_ call: Call, _ store: any Store) throws -> Response {
        let why = call.values.text("reason") ?? ""
        return try store.write { transaction in
            let account = try call.account(in: transaction)
            let ended = try Enrollment.reset(
                account, in: transaction, at: call.now, by: call.application.actor, from: call.place, place: call.place,
                why: why)
            guard ended != nil else { throw Problem(.totpNotActive, "The user has no TOTP secret.") }
            return .tree(try user(try call.account(in: transaction), in: transaction, at: call.now))
        }
    }

    private func makeRecoveryCodes(_ call: Call, _ store: any Store) throws -> Response {
        let codes = try store.write { transaction in
            let account = try activeAccount(call, in: transaction)
            guard account.totp == .active else {
                throw Problem(.totpNotActive, "Recovery codes stand in for TOTP, which the user has not activated.")
            }
            return try services.recovery.generate(
                for: account, in: transaction, at: call.now, from: call.place, by: call.application.actor)
        }
        return .tree(["codes": .list(codes.map { .text($0) })], status: 201)
    }

    private func activeAccount(_ call: Call, in transaction: any AccountReader) throws -> Account {
        let account = try call.account(in: transaction)
        guard account.isActive else { throw Problem(.userInactive, "The user is deactivated.") }
        return account
    }
}
