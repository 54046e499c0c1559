package import Cryptography
package import Domain
package import HTTPServer
import JSON

// ApplicationAPI: what applications with a login of their own call. The rules are those of the portal, in Domain; here they
// become JSON. Begin here for the way of a request, then `Endpoints`.

/// Answers applications.
package struct ApplicationAPI: Sendable {
    /// The use cases behind the endpoints, the same that the portal has.
    package struct Services: Sendable {
        let codes: CodeVerification
        let enrollment: Enrollment
        let recovery: RecoveryCodes
        let accounts: AccountCreator
        let sealer: any Sealing

        package init(
            codes: CodeVerification, enrollment: Enrollment, recovery: RecoveryCodes, accounts: AccountCreator,
            sealer: any Sealing
        ) {
            self.codes = codes
            self.enrollment = enrollment
            self.recovery = recovery
            self.accounts = accounts
            self.sealer = sealer
        }
    }

    package struct Settings: Sendable {
        let userTypes: [UserType]
        /// Of accounts that name none.
        let language: Language

        package init(userTypes: [UserType], language: Language) {
            self.userTypes = userTypes
            self.language = language
        }
    }

    let settings: Settings
    let store: any Store
    let services: Services
    let clock: any Clock
    let random: any RandomSource
    let logger: any Logger
    private let authentication: ApplicationAuthentication

    package init(
        settings: Settings, applications: [Application], store: any Store, services: Services, clock: any Clock,
        random: any RandomSource, logger: any Logger
    ) {
        self.settings = settings
        self.store = store
        self.services = services
        self.clock = clock
        self.random = random
        self.logger = logger
        authentication = ApplicationAuthentication(applications)
    }

    var endpoints: [Endpoint] { userEndpoints + codeEndpoints + enrollmentEndpoints + resetRequestEndpoints }

    /// Every address of the API.
    package var router: Router {
        var router = Router { status, _ in errorResponse(status: status) }
        let document = Array((openAPI.text(isPretty: true) + "\n").utf8)
        router.get("/v1/openapi.json") { _, _ in .bytes(document, type: "application/json") }
        for endpoint in endpoints {
            let handler: Router.Handler = { request, parameters in answer(request, parameters, endpoint) }
            switch endpoint.method {
            case .get: router.get(endpoint.path, handler)
            case .put: router.put(endpoint.path, handler)
            case .post: router.post(endpoint.path, handler)
            case .delete: router.delete(endpoint.path, handler)
            }
        }
        return router
    }

    /// The answer to what the server or the router refuses by itself.
    package func errorResponse(status: Int) -> Response {
        let problem: Problem =
            switch status {
            case 404: Problem(.unknownPath, "There is nothing at this address; /v1/openapi.json lists what there is.")
            case 405: Problem(.methodNotAllowed, "The Allow header names the methods that this address takes.")
            case 413, 414, 431: Problem(.tooLarge, "The request is longer than any that is of use here.")
            case 500...: Problem(.internalError, "It is in the log.")
            default: Problem(.badRequest, "The request is no HTTP request that this server takes (status \(status)).")
            }
        return refusal(problem, request: random.requestID())
    }

    private func answer(_ request: Request, _ parameters: Parameters, _ endpoint: Endpoint) -> Response {
        let number = random.requestID()
        do {
            return finished(try response(request, parameters, endpoint, number), request: number)
        } catch let problem as Problem {
            return refusal(problem, request: number, operation: endpoint.operation)
        } catch let error as StoreError {
            logger.log(error)
            return refusal(Problem(.unavailable, error.sentence), request: number, operation: endpoint.operation)
        } catch {
            logger.log(.error, "api.failed", ["request": number, "detail": "\(error)"])
            return finished(Problem(.internalError, "It is in the log.").response(request: number), request: number)
        }
    }

    private func response(
        _ request: Request, _ parameters: Parameters, _ endpoint: Endpoint, _ number: String
    ) throws -> Response {
        let (key, now) = (Self.key(request), clock.now())
        func call(_ caller: ApplicationCaller) throws -> Call {
            guard endpoint.scopes.contains(where: caller.scopes.contains) else {
                let needed = endpoint.scopes.map(\.rawValue).joined(separator: " or ")
                throw Problem(.forbidden, "This takes a key with the scope \(needed); this key has not got it.")
            }
            let named = endpoint.parameterNames.map { ($0, parameters[$0]) }
            return Call(
                number: number, caller: caller, request: request, parameters: Dictionary(named) { $1 },
                values: try values(request, endpoint), now: now)
        }
        switch endpoint.handler {
        case .reading(let read):
            let response = try store.read { transaction in
                try authentication.caller(key, in: transaction).map { try read(try call($0), transaction) }
            }
            if let response { return response }
        case .writing(let write):
            if let caller = try store.read({ try authentication.caller(key, in: $0) }) {
                return try answerOnce(try call(caller), endpoint, write)
            }
        }
        throw try refusal(key, request, at: now)
    }

    /// What was shown as key; nil when nothing was, or several.
    private static func key(_ request: Request) -> String? {
        let shown = request.headers.values("authorization")
        guard shown.count == 1, let text = shown.first else { return nil }
        return text.lowercased().hasPrefix("bearer ") ? String(text.dropFirst("bearer ".count)) : text
    }

    private func refusal(_ key: String?, _ request: Request, at now: Instant) throws -> Problem {
        let origin = RequestOrigin(address: request.peerAddress, addressKey: request.addressKey, browser: "")
        switch try authentication.refuse(key, in: store, at: now, from: origin) {
        case .wrongKey:
            logger.log(.warning, "api.key-refused", ["address": request.peerAddress])
            return Problem(.unauthorized, "Send a key of this application as \"Authorization: Bearer pulih_…\".")
        case .tooMany:
            return Problem(.tooManyAttempts, "Too many wrong keys came from this address within the last hour.")
        }
    }

    private func refusal(_ problem: Problem, request: String, operation: String = "-") -> Response {
        logger.log(
            .info, "api.refused",
            [
                "request": request, "operation": operation, "problem": problem.kind.rawValue, "reason": problem.detail,
            ])
        return finished(problem.response(request: request), request: request)
    }

    private func finished(_ response: Response, request: String) -> Response {
        var response = response
        response.set("X-Request-Id", request)
        response.set("Cache-Control", "no-store")
        response.set("X-Content-Type-Options", "nosniff")
        return response
    }

    private func values(_ request: Request, _ endpoint: Endpoint) throws -> FieldValues {
        if request.body.isEmpty, !endpoint.needsBody { return .none }
        guard !endpoint.fields.isEmpty else { return .none }
        let type = (request.headers["content-type"] ?? "").prefix { $0 != ";" }.filter { $0 != " " }
        guard type.lowercased() == "application/json" else {
            throw Problem(.unsupportedMediaType, "Send the body with \"Content-Type: application/json\".")
        }
        return try FieldValues(request.body, of: endpoint)
    }
}

extension Response {
    /// An answer in JSON.
    static func tree(_ tree: JSONTree, status: Int = 200) -> Response { .json(tree.text(), status: status) }
}
