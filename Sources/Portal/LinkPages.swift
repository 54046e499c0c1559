import Domain
import HTTPServer
import Mustache
import Pages

/// Where the links in mails lead. Looking changes nothing; only a POST with the page's own form token does.
extension Portal {
    private static let confirmation = "confirm"
    private static let cancellation = "cancel"

    func showLink(_ token: String, _ request: Request) throws -> Response {
        if let clean = Self.cleanAddress(request) { return .redirect(to: clean) }
        let now = clock.now()
        let viewer = pages.viewer(request)
        let status = try store.read { try services.reset.status(of: token, in: $0, at: now) }
        guard case .valid(let reset, let account) = status else { return invalidLink(status, token, viewer) }
        let csrf = forms.token(for: Self.confirmation, subject: token, at: now)
        return pages.draw(
            .confirm, title: "confirm.title", for: viewer,
            settings.confirmContext(reset, account, token: token, csrf: csrf, language: viewer.language))
    }

    func confirmReset(_ token: String, _ request: Request) throws -> Response {
        let now = clock.now()
        let viewer = pages.viewer(request)
        guard try hasFormToken(request, for: Self.confirmation, subject: token, at: now) else {
            return pages.draw(.formExpired, for: request, next: ("/reset/\(token)", "next.retry"))
        }
        let (confirmation, address) = (services.reset, request.peerAddress)
        let status = try store.write { try confirmation.confirm(token, in: $0, at: now, from: address) }
        guard case .valid(let reset, let account) = status else { return invalidLink(status, token, viewer) }
        logger.log(
            .info, "reset.confirmed", ["account": account.userID, "request": reset.id, "address": address])
        return pages.draw(.done, title: "done.title", for: viewer, [:])
    }

    func showCancel(_ token: String, _ request: Request) throws -> Response {
        if let clean = Self.cleanAddress(request) { return .redirect(to: clean) }
        let now = clock.now()
        let viewer = pages.viewer(request)
        let status = try store.read { try services.reset.status(of: token, in: $0, at: now) }
        guard case .valid = status else { return invalidLink(status, token, viewer) }
        return pages.draw(
            .cancel, title: "cancel.title", for: viewer,
            Portal.Settings.cancelContext(
                token: token, csrf: forms.token(for: Self.cancellation, subject: token, at: now))
        )
    }

    func cancelReset(_ token: String, _ request: Request) throws -> Response {
        let now = clock.now()
        let viewer = pages.viewer(request)
        guard try hasFormToken(request, for: Self.cancellation, subject: token, at: now) else {
            return pages.draw(.formExpired, for: request, next: ("/reset/\(token)/cancel", "next.retry"))
        }
        let (confirmation, address) = (services.reset, request.peerAddress)
        let status = try store.write { try confirmation.cancel(token, in: $0, at: now, from: address) }
        guard case .valid(let reset, let account) = status else { return invalidLink(status, token, viewer) }
        logger.log(
            .warning, "reset.cancelled", ["account": account.userID, "request": reset.id, "address": address])
        return pages.draw(.cancelled, title: "cancelled.title", for: viewer, [:])
    }

    private func hasFormToken(
        _ request: Request, for purpose: String, subject: String, at now: Instant
    ) throws -> Bool {
        // Nothing at all is a form without a token, whatever type it claims.
        let token = request.body.isEmpty ? nil : try request.form().optional("csrf")
        return forms.accepts(token ?? "", for: purpose, subject: subject, at: now)
    }

    /// The page of a link that no longer works: 404 when it is not ours, 410 when it was.
    private func invalidLink(_ status: ResetConfirmation.LinkStatus, _ token: String, _ viewer: Viewer) -> Response {
        let words = pages.words(for: viewer)
        let isCutOff = status == .unknown && ReceivedResetLink(target: "/reset/\(token)")?.isWhole == false
        let kind = isCutOff ? "cut_off" : Self.key(status)
        return pages.draw(
            .link, title: "links.\(kind).heading", for: viewer,
            Portal.Settings.linkContext(
                heading: words["links.\(kind).heading"], text: words["links.\(kind).text"],
                more: words["links.\(kind).more"], next: words["next.request"]),
            status: status == .unknown ? 404 : 410)
    }

    /// The name of a standing among the words.
    private static func key(_ status: ResetConfirmation.LinkStatus) -> String {
        switch status {
        // A live link is never drawn as a dead one.
        case .valid, .unknown: "unknown"
        case .used: "used"
        case .expired: "expired"
        case .superseded: "superseded"
        case .cancelled: "cancelled"
        case .stale: "stale"
        }
    }
}
