package import HTTPServer
import Domain
import Pages

extension Portal {
    /// Every address of the portal.
    package var router: Router {
        var router = Router(errorPage: errorPage, finish: pages.secure)
        addLogin(to: &router)
        addMember(to: &router)
        addReset(to: &router)
        pages.assets.add(to: &router)
        return router
    }

    private func addLogin(to router: inout Router) {
        router.get("/") { request, _ in look(request, showHome) }
        router.get("/login") { request, _ in look(request, showLogin) }
        router.post("/login") { request, _ in receive(request, receiveLogin) }
        router.get("/login/password") { request, _ in look(request, showPassword) }
        router.post("/login/password") { request, _ in receive(request, receivePassword) }
        router.get("/login/code") { request, _ in look(request, showCode) }
        router.post("/login/code") { request, _ in receive(request, receiveCode) }
        router.post("/logout") { request, _ in receive(request, receiveLogout) }
    }

    private func addMember(to router: inout Router) {
        router.get("/home") { request, _ in look(request, showMember) }
        router.get("/totp/enable") { request, _ in look(request, showEnable) }
        router.post("/totp/enable") { request, _ in receive(request, receiveEnable) }
        router.get("/totp/disable") { request, _ in look(request, showDisable) }
        router.post("/totp/disable") { request, _ in receive(request, receiveDisable) }
        router.get("/sessions") { request, _ in look(request, showSessions) }
        router.post("/sessions") { request, _ in receive(request, receiveSessions) }
        router.get("/recovery-codes") { request, _ in look(request, showRecovery) }
        router.post("/recovery-codes") { request, _ in receive(request, receiveRecovery) }
    }

    private func addReset(to router: inout Router) {
        router.get("/reset") { request, _ in showResetForm(request) }
        router.post("/reset") { request, _ in guarded(request) { try receiveResetForm(request) } }
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
            journal.note(.warning, "http.cross-site", ["path": String(request.path.prefix(16))])
            return pages.draw(.forbidden, for: request)
        }
        do {
            return try body()
        } catch let fault as RequestFault {
            return errorPage(status: fault.status, request)
        } catch is FormExpired {
            return pages.draw(.formExpired, for: request, next: (request.path, "next.retry"))
        } catch let fault as StorageFault {
            journal.note(.error, "storage.failed", ["reason": fault.sentence, "detail": fault.detail])
            return pages.draw(.unavailable, for: request)
        } catch {
            journal.note(.error, "http.failed", ["detail": "\(error)"])
            return pages.draw(.internal, for: request)
        }
    }
}
