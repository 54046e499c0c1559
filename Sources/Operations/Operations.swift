package import Domain
package import HTTPServer
package import Pages

// Operations: the pages, the JSON API, health and metrics that operators use. Begin here for the routes, then `QueueReport`.

/// What operators see and do: the queue's pages, health, metrics and the JSON API.
package struct Operations: Sendable {
    let store: any Store
    let pages: Pages
    let clock: any Clock
    let forms: FormTokens
    let zone: LocalTimeZone
    let version: String
    let navigation: Navigation
    let logger: any Logger
    private let gate: AccessControl

    /// `token` is what every request must bring, nil only where the listener is on loopback; `links` lead to pages that
    /// others add to the router, such as the demo's inbox.
    package init(
        store: any Store, pages: Pages, clock: any Clock, formTokens: FormTokens, token: [UInt8]?,
        zone: LocalTimeZone, version: String, links: [Navigation.Link] = [], logger: any Logger
    ) {
        self.store = store
        self.pages = pages
        self.clock = clock
        forms = formTokens
        gate = AccessControl(token: token)
        self.zone = zone
        self.version = version
        navigation = Navigation(adding: links)
        self.logger = logger
    }

    /// Every address of the operations listener. Requests go through `answer`, which keeps strangers out.
    package var router: Router {
        var router = Router { status, request in errorPage(status: status, request) }
        router.get("/") { request, _ in guarded(request) { try showQueue(request) } }
        router.get("/jobs") { request, _ in guarded(request) { try listJobs(request) } }
        router.get("/jobs/{id}") { request, path in guarded(request) { try showJob(path["id"], request) } }
        for change in JobChange.allCases {
            router.post("/jobs/{id}/\(change.rawValue)") { request, path in
                guarded(request) { try self.change(path["id"], change, request) }
            }
            router.post("/api/v1/jobs/{id}/\(change.rawValue)") { request, path in
                guarded(request) { try postChange(path["id"], change, request) }
            }
        }
        for change in KindPauseChange.allCases {
            router.post("/lanes/\(change.rawValue)") { request, _ in
                guarded(request) { try changeLane(change, request) }
            }
            router.post("/api/v1/lanes/{kind}/\(change.rawValue)") { request, path in
                guarded(request) { try postChange(lane: path["kind"], change, request) }
            }
        }
        router.get("/healthz") { request, _ in guarded(request) { try .encoded(["status": "ok"]) } }
        router.get("/readyz") { request, _ in guarded(request) { try showReadiness() } }
        router.get("/metrics") { request, _ in guarded(request) { try showMetrics() } }
        router.get("/api/v1/status") { request, _ in guarded(request) { try sendStatus() } }
        router.get("/api/v1/audit") { request, _ in guarded(request) { try sendAudit(request) } }
        router.get("/api/v1/jobs") { request, _ in guarded(request) { try sendJobs(request) } }
        router.post("/api/v1/jobs") { request, _ in guarded(request) { try postJob(request) } }
        router.get("/api/v1/jobs/{id}") { request, path in guarded(request) { try sendJob(path["id"]) } }
        pages.assets.add(to: &router)
        return router
    }

    /// Answers a request that may come in, with this router or one that has more in it.
    package func answer(_ request: Request, with router: Router) -> Response {
        guard let refusal = gate.refusal(of: request) else { return router.answer(request) }
        logger.log(
            .warning, "operations.refused", ["reason": "\(refusal)", "address": request.peerAddress])
        var response = errorPage(status: refusal.status, request)
        if refusal == .tokenMissing { AccessControl.challenge(&response) }
        return response
    }

    /// Refuses what another site sent, and turns what goes wrong into an answer that says so.
    private func guarded(_ request: Request, _ body: () throws -> Response) -> Response {
        do {
            if request.method == .post, !SameOrigin.accepts(request) {
                throw APIError(403, "The request was sent by a page of another site.")
            }
            return try body()
        } catch let refusal as APIError {
            return answer(refusal, request)
        } catch let error as RequestError {
            return answer(APIError(error.status, error.sentence), request)
        } catch let error as StoreError {
            logger.log(error)
            return answer(APIError(503, error.sentence), request)
        } catch {
            logger.log(.error, "http.failed", ["detail": "\(error)"])
            return errorPage(status: 500, request)
        }
    }
}
