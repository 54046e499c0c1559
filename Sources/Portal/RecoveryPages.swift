import Domain
import HTTPServer
import Mustache
import Pages

/// Ten codes for the day the phone is gone.
extension Portal {
    /// How long after logging in codes are made without asking for the password again.
    private static let freshness = Span.minutes(10)

    func showRecovery(_ visit: Visit) throws -> Response? {
        guard let (session, account) = recoverer(visit) else { return nil }
        return try recoveryPage(visit, session, account)
    }

    /// Answers with the codes themselves: nothing keeps them, so no second page could show them.
    func receiveRecovery(_ visit: Visit, _ fields: Fields) throws -> Response? {
        guard let (session, account) = recoverer(visit) else { return nil }
        try requireToken(visit, fields)
        if asksPassword(session, at: visit.now) {
            let password = Array((try fields.optional("password") ?? "").utf8)
            guard !password.isEmpty else {
                let refusal = Refusal(error: ["password": "fields.password_missing"], status: 422)
                return try recoveryPage(visit, session, account, refusal)
            }
            if let outcome = try desks.login.confirm(
                password, of: account, in: storage, at: visit.now, from: visit.origin)
            {
                let refusal = refusal(outcome, visit, field: "password", wrong: "fields.password_wrong")
                return try recoveryPage(visit, session, account, refusal)
            }
        }
        let (now, request) = (visit.now, visit.request)
        let codes: [String] = try storage.write { store in
            guard let (_, account) = try recoverer(self.visit(request, in: store)) else { return [] }
            return try desks.recovery.make(for: account, in: store, at: now, from: request.peerAddress)
        }
        guard !codes.isEmpty else { return nil }
        journal.note(.info, "recovery.made", ["account": account.userID, "address": request.peerAddress])
        let time = LocalTime(language: visit.visitor.language, zone: rules.zone)
        return pages.draw(
            .codes, title: "codes.title", for: visit.visitor,
            [
                "codes": .list(codes.map { ["code": .text($0)] }), "user_id": .text(account.userID),
                "made_at": .text(time.full(now)), "site": .text(rules.site),
            ])
    }

    /// Recovery codes stand in for the second factor, so only who has just shown one may make them.
    private func recoverer(_ visit: Visit) -> (LoginSession, Account)? {
        guard case .member(let session, let account) = visit.standing, session.factor.isSecond,
            account.totp == .active
        else { return nil }
        return (session, account)
    }

    private func asksPassword(_ session: LoginSession, at now: Instant) -> Bool {
        now >= session.createdAt + Self.freshness
    }

    private func recoveryPage(
        _ visit: Visit, _ session: LoginSession, _ account: Account, _ refusal: Refusal = .none
    ) throws -> Response {
        let codes = try storage.read { try $0.recoveryCodes(account: account.id) }
        let time = LocalTime(language: visit.visitor.language, zone: rules.zone)
        let context: [String: Value] = [
            "csrf": .text(token(for: visit)), "user_id": .text(account.userID),
            "remaining": .optional(codes.map { "\($0.remaining)" }),
            "made_at": .optional(codes.map { time.full($0.madeAt) }), "replaces": .flag(codes != nil),
            "asks_password": .flag(asksPassword(session, at: visit.now)),
        ]
        return draw(.recovery, title: "recovery.title", visit, context, refusal)
    }
}
