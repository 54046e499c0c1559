package import Cryptography
package import Domain
package import HTTPServer
package import Pages

/// The pages people see.
package struct Portal: Sendable {
    /// What the portal decides by.
    package struct Rules: Sendable {
        package let userTypes: [UserType]
        package let zone: LocalTimeZone
        package let linkLifetime: Span
        package let perAddressPerHour: Int

        package init(userTypes: [UserType], zone: LocalTimeZone, linkLifetime: Span, perAddressPerHour: Int) {
            self.userTypes = userTypes
            self.zone = zone
            self.linkLifetime = linkLifetime
            self.perAddressPerHour = perAddressPerHour
        }
    }

    let rules: Rules
    let storage: any Storage
    let pages: Pages
    let captchas: CaptchaDesk
    let desk: ResetDesk
    let forms: FormTokens
    let clock: any Clock
    let random: any RandomSource
    let journal: any Journal

    package init(
        rules: Rules, storage: any Storage, pages: Pages, captchas: CaptchaDesk, desk: ResetDesk, forms: FormTokens,
        clock: any Clock, random: any RandomSource, journal: any Journal
    ) {
        self.rules = rules
        self.storage = storage
        self.pages = pages
        self.captchas = captchas
        self.desk = desk
        self.forms = forms
        self.clock = clock
        self.random = random
        self.journal = journal
    }

    /// Every address of the portal.
    package var router: Router {
        var router = Router { status, request in errorPage(status: status, request) }
        router.get("/") { request, _ in pages.draw(.home, title: "home.title", for: pages.visitor(request), [:]) }
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
        pages.assets.add(to: &router)
        return router
    }

    /// Refuses what another site sent, and turns what goes wrong into the page that says so.
    private func guarded(_ request: Request, _ body: () throws -> Response) -> Response {
        if request.method == .post && !SameOrigin.accepts(request) {
            journal.note(.warning, "http.cross-site", ["path": String(request.path.prefix(16))])
            return pages.draw(.forbidden, for: request)
        }
        do {
            return try body()
        } catch let fault as RequestFault {
            return errorPage(status: fault.status, request)
        } catch let fault as StorageFault {
            journal.note(.error, "storage.failed", ["reason": fault.sentence, "detail": fault.detail])
            return pages.draw(.unavailable, for: request)
        } catch {
            journal.note(.error, "http.failed", ["detail": "\(error)"])
            return pages.draw(.internal, for: request)
        }
    }
}
