package import HTTPServer
import Domain
import Pages

extension Portal {
    /// Every address of the portal.
    package var router: Router {
        var router = Router(errorPage: errorPage, finish: pages.addSecurityHeaders)
        addLogin(to: &router)
        addMember(to: &router)
        addReset(to: &router)
        addForwardAuth(to: &router)
        if let openID = services.openID {
            addAuthorization(to: &router, openID)
            addClientLogout(to: &router, openID)
        }
        pages.assets.add(to: &router)
        return router
    }

    // Whatever checks a password takes long.

    private func addLogin(to router: inout Router) {
        router.get("/") { request, _ in handleGet(request, showHome) }
        router.get("/login") { request, _ in handleGet(request, showLogin) }
        router.post("/login") { request, _ in handlePost(request, submitLogin) }
        router.get("/login/password") { request, _ in handleGet(request, showPassword) }
        router.post("/login/password", takesLong: true) { request, _ in handlePost(request, submitPassword) }
        router.get("/login/code") { request, _ in handleGet(request, showCode) }
        router.post("/login/code") { request, _ in handlePost(request, submitCode) }
        router.post("/logout") { request, _ in handlePost(request, submitLogout) }
    }

    private func addMember(to router: inout Router) {
        router.get("/home") { request, _ in handleGet(request, showMember) }
        router.get("/totp/enable") { request, _ in handleGet(request, showEnable) }
        router.post("/totp/enable") { request, _ in handlePost(request, submitEnable) }
        router.get("/totp/disable") { request, _ in handleGet(request, showDisable) }
        router.post("/totp/disable", takesLong: true) { request, _ in handlePost(request, submitDisable) }
        router.get("/sessions") { request, _ in handleGet(request, showSessions) }
        router.post("/sessions") { request, _ in handlePost(request, submitSessions) }
        router.get("/recovery-codes") { request, _ in handleGet(request, showRecovery) }
        router.post("/recovery-codes", takesLong: true) { request, _ in handlePost(request, submitRecovery) }
    }

    private func addReset(to router: inout Router) {
        router.get("/reset") { request, _ in showResetForm(request) }
        // So that as many as come at once share a commit.
        router.post("/reset", takesLong: true) { request, _ in guarded(request) { try submitResetForm(request) } }
        router.get("/reset/sent") { request, _ in showSent(request) }
        router.get("/reset/{token}") { request, path in
            guarded(request) { try showLink(path["token"], request) }
        }
        router.post("/reset/{token}") { request, path in
            guarded(request) { try confirmReset(path["token"], request) }
        }
        router.get("/reset/{token}/cancel") { request, path in
            guarded(request) { try showCancel(path["token"], request) }
        }
        router.post("/reset/{token}/cancel") { request, path in
            guarded(request) { try cancelReset(path["token"], request) }
        }
        router.get("/captcha/{file}") { request, path in showCaptcha(path["file"], request) }
    }

    /// Refuses what another site sent, and turns what goes wrong into the page that says so.
    func guarded(_ request: Request, _ body: () throws -> Response) -> Response {
        if request.method == .post && !SameOrigin.accepts(request) {
            logger.log(.warning, "http.cross-site", ["path": String(request.path.prefix(16))])
            return pages.draw(.forbidden, for: request)
        }
        do {
            return try body()
        } catch let error as RequestError {
            return errorPage(status: error.status, request)
        } catch is FormExpiredError {
            return pages.draw(.formExpired, for: request, next: (request.path, "next.retry"))
        } catch let error as StoreError {
            logger.log(error)
            return pages.draw(.unavailable, for: request)
        } catch {
            logger.log(.error, "http.failed", ["detail": "\(error)"])
            return pages.draw(.internal, for: request)
        }
    }
}
