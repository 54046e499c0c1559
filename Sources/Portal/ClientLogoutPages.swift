import Domain
import HTTPServer
import Mustache
import Pages

/// `/oauth2/logout`: an application logs somebody out (OpenID Connect RP-Initiated Logout 1.0).
extension Portal {
    func addClientLogout(to router: inout Router, _ openID: OpenIDServices) {
        router.get(LogoutRequest.path) { request, _ in
            handleGet(request) { try showClientLogout($0, openID) }
        }
        router.post(LogoutRequest.path) { request, _ in
            // What our own page sends has a token, what applications send has none.
            let isOurs = (try? request.form().optional("csrf")) != nil
            guard isOurs else { return repeatAsGet(request, LogoutRequest.path) }
            return handlePost(request) { try submitClientLogout($0, $1, openID) }
        }
    }

    /// Ends the login at once where the ID token of that very login comes along; otherwise asks.
    private func showClientLogout(_ context: RequestContext, _ openID: OpenIDServices) throws -> Response {
        try withRequest(context, openID) { asked in
            guard let session = context.session else { return goOn(asked, context) }
            guard session.publicID == asked.session else { return confirmation(asked, context) }
            return try logOut(session, asked, context)
        }
    }

    private func submitClientLogout(
        _ context: RequestContext, _ fields: Fields, _ openID: OpenIDServices
    ) throws -> Response {
        try requireFormToken(context, fields)
        return try withRequest(context, openID) { asked in
            guard let session = context.session else { return goOn(asked, context) }
            return try logOut(session, asked, context)
        }
    }

    private func withRequest(
        _ context: RequestContext, _ openID: OpenIDServices, _ body: (LogoutRequest) throws -> Response
    ) throws -> Response {
        let asked: LogoutRequest
        do throws(LogoutRequest.Mistake) {
            asked = try LogoutRequest(
                ProtocolParameters(self.asked(context.request)), among: settings.applications,
                reading: { openID.tokens.hint($0, at: context.now) })
        } catch {
            try auditRefusal(of: nil, "logout: \(error.rawValue)", context.request)
            return drawOpenID(.logoutRefused, for: context.request)
        }
        return try body(asked)
    }

    private func logOut(
        _ session: LoginSession, _ asked: LogoutRequest, _ context: RequestContext
    ) throws -> Response {
        if let account = try store.read({ try $0.account(id: session.account) }) {
            try end(
                session, of: account, from: context.request.peerAddress, at: context.now, by: asked.application)
        }
        var response = goOn(asked, context)
        response.set(Cookie.removing(CookieName.session))
        return response
    }

    private func goOn(_ asked: LogoutRequest, _ context: RequestContext) -> Response {
        if let target = asked.target { return .redirect(to: target) }
        let viewer = pages.viewer(context.request)
        let text = pages.words(for: viewer)["openid.logged_out_text"]
        return pages.draw(.logout, title: "openid.logged_out", for: viewer, Settings.logoutContext(text: text))
    }

    private func confirmation(_ asked: LogoutRequest, _ context: RequestContext) -> Response {
        var viewer = context.viewer
        let words = pages.words(for: viewer)
        if let application = asked.application {
            // The form may end at the application's own address.
            viewer.formTargets = application.formTargets
        }
        let values = Settings.logoutContext(
            text: asked.application.map { words.sentence("openid_logout", ["application": $0.name]) }
                ?? words["openid.logout_text"],
            action: RedirectURI.adding(self.asked(context.request).map { ($0.name, $0.value) }, to: LogoutRequest.path),
            csrf: formToken(for: context))
        return pages.draw(.logout, title: "openid.logout", for: viewer, values)
    }
}

extension Portal.Settings {
    /// - Parameter action: where the button that ends the login posts to; nil where there is none.
    static func logoutContext(text: String, action: String? = nil, csrf: String = "") -> [String: Value] {
        ["text": .text(text), "action": .optional(action), "csrf": .text(csrf)]
    }
}
