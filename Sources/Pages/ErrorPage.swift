package import HTTPServer
package import Mustache

/// Why a page cannot be shown, with its status and its words.
package enum ErrorPage: String, Sendable, CaseIterable {
    case badRequest = "bad_request"
    case forbidden
    case formExpired = "form_expired"
    case notFound = "not_found"
    case method
    case conflict
    case tooLarge = "too_large"
    case tooMany = "too_many"
    case `internal`
    case unavailable

    package var status: Int {
        switch self {
        case .badRequest: 400
        case .forbidden, .formExpired: 403
        case .notFound: 404
        case .method: 405
        case .conflict: 409
        case .tooLarge: 413
        case .tooMany: 429
        case .internal: 500
        case .unavailable: 503
        }
    }

    /// The page for a status that the server or the router answers with by itself.
    package init(status: Int) {
        self =
            switch status {
            case 401, 403, 421: .forbidden
            case 404: .notFound
            case 405: .method
            case 409: .conflict
            case 413, 414, 431: .tooLarge
            case 429: .tooMany
            case 503: .unavailable
            case 500...: .internal
            default: .badRequest
            }
    }
}

extension Pages {
    /// Draws an error page, with the error's own status unless another is given. The request is nil when
    /// it was too broken to read; `next` is where the button leads, with the key of its label; `context` what the page
    /// needs beyond what it always has.
    package func draw(
        _ trouble: ErrorPage, for request: Request?, status: Int? = nil,
        next: (href: String, label: String) = ("/", "next.home"), _ context: [String: Value] = [:]
    ) -> Response {
        guard let request = request ?? (try? Request(method: .get, target: "/")) else { return Response(status: 500) }
        let viewer = viewer(request)
        let words = words(for: viewer)
        let key = "errors.\(trouble.rawValue)"
        let status = status ?? trouble.status
        let own = Self.errorContext(
            status: status, heading: words["\(key).heading"], text: words["\(key).text"],
            next: (next.href, words[next.label]))
        return draw(.error, title: "\(key).heading", for: viewer, own.merging(context) { $1 }, status: status)
    }

    package static func errorContext(
        status: Int, heading: String, text: String, next: (href: String, label: String)
    ) -> [String: Value] {
        [
            "status": .text("\(status)"), "heading": .text(heading), "text": .text(text),
            "next_href": .text(next.href), "next_label": .text(next.label),
        ]
    }
}
