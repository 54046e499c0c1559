import ApplicationAPI
import HTTPServer
import OpenID
import Operations
import Pages
import Portal
import Threading

/// The pages of one listener. A class, so that handing it to each request copies one reference.
final class Site: Sendable {
    let answer: @Sendable (Request) -> Response
    let errorPage: ErrorResponder
    let takesLong: @Sendable (Request) -> Bool
    /// Where to send a request whose target cannot be read.
    let redirectUnreadable: @Sendable (_ target: String) -> Response?

    /// - Parameter provider: has some addresses on the portal's host.
    init(_ portal: Portal, _ provider: OpenIDProvider?) {
        let router = portal.router
        if let provider {
            let answerClient = provider.responder
            answer = { provider.hasAddress($0) ? answerClient($0) : router.answer($0) }
            takesLong = { provider.takesLong($0) || router.takesLong($0) }
        } else {
            answer = { router.answer($0) }
            takesLong = router.takesLong
        }
        errorPage = { portal.errorPage(status: $0, $1) }
        redirectUnreadable = portal.redirect(unreadable:)
    }

    init(_ api: ApplicationAPI) {
        let router = api.router
        answer = { router.answer($0) }
        errorPage = { status, _ in api.errorResponse(status: status) }
        takesLong = router.takesLong
        redirectUnreadable = { _ in nil }
    }

    /// - Parameter extend: adds pages.
    init(_ operations: Operations, _ pages: Pages, extend: (inout Router, Pages) -> Void) {
        var router = operations.router
        extend(&router, pages)
        let extended = router
        answer = { operations.answer($0, with: extended) }
        errorPage = { operations.errorPage(status: $0, $1) }
        takesLong = extended.takesLong
        redirectUnreadable = { _ in nil }
    }
}

/// A listener whose pages can be exchanged between two requests.
struct Listener: Sendable {
    let server: Server
    private let site: Monitor<Site>

    /// Listens immediately.
    init(
        _ settings: ServerSettings, _ site: Site, onIncident: @escaping @Sendable (Incident) -> Void
    ) throws(ServerError) {
        let current = Monitor(site)
        var settings = settings
        settings.redirectUnreadable = { target in current.withLock { $0 }.redirectUnreadable(target) }
        settings.takesLong = { request in current.withLock { $0 }.takesLong(request) }
        self.site = current
        server = try Server(
            configuration: settings,
            errorPage: { status, request in current.withLock { $0 }.errorPage(status, request) },
            onIncident: onIncident, handler: { request in current.withLock { $0 }.answer(request) })
    }

    /// Requests that have begun are answered by the pages of before.
    func exchange(_ site: Site) { self.site.withLock { $0 = site } }
}
