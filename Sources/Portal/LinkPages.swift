import Domain
import HTTPServer
import Mustache
import Pages

/// Where the links in mails lead. Looking changes nothing; only a POST with the page's own form token does.
extension Portal {
    private static let confirmation = "confirm"
    private static let cancellation = "cancel"

    func showLink(_ token: String, _ request: Request) throws -> Response {
        let now = clock.now()
        let visitor = pages.visitor(request)
        let standing = try storage.read { try desks.reset.standing(of: token, in: $0, at: now) }
        guard case .live(let reset, let account) = standing else { return deadLink(standing, visitor) }
        let csrf = forms.token(for: Self.confirmation, subject: token, at: now)
        return pages.draw(
            .confirm, title: "confirm.title", for: visitor,
            rules.confirmContext(reset, account, token: token, csrf: csrf, language: visitor.language))
    }

    func confirmReset(_ token: String, _ request: Request) throws -> Response {
        let now = clock.now()
        let visitor = pages.visitor(request)
        guard try hasFormToken(request, for: Self.confirmation, subject: token, at: now) else {
            return pages.draw(.formExpired, for: request, next: ("/reset/\(token)", "next.retry"))
        }
        let (desk, address) = (desks.reset, request.peerAddress)
        let standing = try storage.write { try desk.confirm(token, in: $0, at: now, from: address) }
        guard case .live(let reset, let account) = standing else { return deadLink(standing, visitor) }
        journal.note(
            .info, "reset.confirmed", ["account": account.userID, "request": reset.id, "address": address])
        return pages.draw(.done, title: "done.title", for: visitor, [:])
    }

    func showCancel(_ token: String, _ request: Request) throws -> Response {
        let now = clock.now()
        let visitor = pages.visitor(request)
        let standing = try storage.read { try desks.reset.standing(of: token, in: $0, at: now) }
        guard case .live = standing else { return deadLink(standing, visitor) }
        return pages.draw(
            .cancel, title: "cancel.title", for: visitor,
            Portal.Rules.cancelContext(token: token, csrf: forms.token(for: Self.cancellation, subject: token, at: now))
        )
    }

    func cancelReset(_ token: String, _ request: Request) throws -> Response {
        let now = clock.now()
        let visitor = pages.visitor(request)
        guard try hasFormToken(request, for: Self.cancellation, subject: token, at: now) else {
            return pages.draw(.formExpired, for: request, next: ("/reset/\(token)/cancel", "next.retry"))
        }
        let (desk, address) = (desks.reset, request.peerAddress)
        let standing = try storage.write { try desk.cancel(token, in: $0, at: now, from: address) }
        guard case .live(let reset, let account) = standing else { return deadLink(standing, visitor) }
        journal.note(
            .warning, "reset.cancelled", ["account": account.userID, "request": reset.id, "address": address])
        return pages.draw(.cancelled, title: "cancelled.title", for: visitor, [:])
    }

    private func hasFormToken(
        _ request: Request, for purpose: String, subject: String, at now: Instant
    ) throws -> Bool {
        // Nothing at all is a form without a token, whatever type it claims.
        let token = request.body.isEmpty ? nil : try request.form().optional("csrf")
        return forms.accepts(token ?? "", for: purpose, subject: subject, at: now)
    }

    /// The page of a link that no longer works: 404 when it is not ours, 410 when it was.
    private func deadLink(_ standing: ResetDesk.Standing, _ visitor: Visitor) -> Response {
        let words = pages.words(for: visitor)
        let kind = Self.key(standing)
        return pages.draw(
            .link, title: "links.\(kind).heading", for: visitor,
            Portal.Rules.linkContext(
                heading: words["links.\(kind).heading"], text: words["links.\(kind).text"],
                more: words["links.\(kind).more"], next: words["next.request"]),
            status: standing == .unknown ? 404 : 410)
    }

    /// The name of a standing among the words.
    private static func key(_ standing: ResetDesk.Standing) -> String {
        switch standing {
        // A live link is never drawn as a dead one.
        case .live, .unknown: "unknown"
        case .used: "used"
        case .expired: "expired"
        case .superseded: "superseded"
        case .cancelled: "cancelled"
        case .stale: "stale"
        }
    }
}
