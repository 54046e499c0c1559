import Domain
import HTTPServer
import Mustache
import Pages
import Pictures

/// Activating TOTP and disabling it.
extension Portal {
    /// Halaman Enable TOTP while there is no secret, Halaman Scan QR Code while it is pending.
    func showEnable(_ visit: Visit) throws -> Response? {
        guard let session = visit.standing.session, let account = visit.standing.account else { return nil }
        let words = pages.words(for: visit.visitor)
        let wasDisabled = session.factor == .disabled
        switch account.totp {
        case .active: return nil
        case .none:
            let label = words[wasDisabled ? "enable.button_again" : "enable.button_activation"]
            let context = Rules.enableContext(
                account, label: label, csrf: token(for: visit), wasDisabled: wasDisabled,
                isMember: visit.standing.isMember)
            return pages.draw(.enable, title: "enable.title", for: visit.visitor, context)
        case .pending:
            guard let offer = try storage.read({ try desks.enrolment.offer(account, in: $0) }) else {
                journal.note(.error, "totp.unreadable", ["account": account.userID])
                return pages.draw(.unavailable, for: visit.request)
            }
            let label = words[wasDisabled ? "scan.logout_again" : "scan.logout_activation"]
            let context = Rules.scanContext(
                offer, qr: try QRCode.svg(for: offer.text, label: words["scan.qr_label"]), logoutLabel: label,
                csrf: token(for: visit), wasDisabled: wasDisabled, isMember: visit.standing.isMember)
            return pages.draw(.scan, title: "scan.title", for: visit.visitor, context)
        }
    }

    func receiveEnable(_ visit: Visit, _ fields: Fields) throws -> Response? {
        guard let account = visit.standing.account, account.totp != .active else { return nil }
        try requireToken(visit, fields)
        let (now, request) = (visit.now, visit.request)
        try storage.write { store in
            guard let account = try self.visit(request, in: store).standing.account else { return }
            try desks.enrolment.begin(account, in: store, at: now, from: request.peerAddress)
        }
        journal.note(.info, "totp.pending", ["account": account.userID, "address": request.peerAddress])
        return .redirect(to: "/totp/enable")
    }

    func showDisable(_ visit: Visit) throws -> Response? {
        guard case .member(_, let account) = visit.standing, account.totp == .active else { return nil }
        return try disablePage(visit, account)
    }

    /// Password first, outside any transaction; then the code, and with it the end of secret and sessions.
    func receiveDisable(_ visit: Visit, _ fields: Fields) throws -> Response? {
        guard case .member(_, let account) = visit.standing, account.totp == .active else { return nil }
        try requireToken(visit, fields)
        let password = Array((try fields.optional("password") ?? "").utf8)
        let code = try fields.optional("code") ?? ""
        let recovery = try fields.optional("recovery_code") ?? ""
        var mistakes: [String: String] = password.isEmpty ? ["password": "fields.password_missing"] : [:]
        if let missing = Self.missing(code: code, recovery: recovery, in: fields) {
            mistakes.merge(missing.error) { $1 }
        }
        guard mistakes.isEmpty else { return try disablePage(visit, account, Refusal(error: mistakes, status: 422)) }
        let judgement = try desks.login.confirm(
            password, of: account, in: storage, at: visit.now, from: visit.origin)
        guard judgement == nil else {
            let outcome = judgement ?? .wrong
            return try disablePage(
                visit, account, refusal(outcome, visit, field: "password", wrong: "fields.password_wrong"))
        }
        let (now, origin, request) = (visit.now, visit.origin, visit.request)
        let result: DisableResult = try storage.write { store in
            guard case .member(let session, let account) = try self.visit(request, in: store).standing,
                account.totp == .active
            else { return .overtaken }
            let proof = try prove(code: code, recovery: recovery, of: account, in: store, at: now, from: origin.address)
            guard case .proved = proof else { return .refused(proof) }
            let token = try desks.sessions.elevate(session, to: .disabled, in: store, at: now, from: origin)
            let current = try desks.sessions.session(token.text, in: store, at: now)
            try desks.enrolment.disable(account, keeping: current?.id, in: store, at: now, from: origin.address)
            return .disabled(token)
        }
        switch result {
        case .overtaken: return nil
        case .refused(let proof): return try disablePage(visit, account, refusal(proof, visit, typed: code))
        case .disabled(let token):
            journal.note(.info, "totp.disabled", ["account": account.userID, "address": origin.address])
            var response = Response.redirect(to: "/totp/enable")
            response.set(Self.sessionCookie(token))
            return response
        }
    }

    private enum DisableResult: Sendable {
        case disabled(SessionToken)
        case refused(Proof)
        /// Another request was faster.
        case overtaken
    }

    private func disablePage(_ visit: Visit, _ account: Account, _ refusal: Refusal = .none) throws -> Response {
        let context = try storage.read { try codeContext(visit, account, in: $0) }
        return draw(.disable, title: "disable.title", visit, context, refusal)
    }
}

extension Standing {
    var isMember: Bool {
        if case .member = self { true } else { false }
    }
}
