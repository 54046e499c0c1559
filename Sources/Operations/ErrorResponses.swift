package import HTTPServer
import Pages

/// What goes wrong is reported in HTML to people and in JSON to programs.
extension Operations {
    /// The answer with a status that the server or the router gives by itself; the request is nil when it was too broken
    /// to read.
    package func errorPage(status: Int, _ request: Request?) -> Response {
        answer(APIError(status, Self.sentence(status)), request)
    }

    func answer(_ refusal: APIError, _ request: Request?, next: (href: String, label: String)? = nil) -> Response {
        if let request, Self.wantsJSON(request) {
            return (try? .encoded(["error": refusal.sentence], status: refusal.status)) ?? Response(status: 500)
        }
        let words = request.map { pages.words(for: pages.viewer($0)) }
        return pages.draw(
            refusal.page, for: request, status: refusal.status, next: next ?? ("/", "next.operations"),
            words.map { navigation.context($0, current: nil) } ?? [:])
    }

    private static func wantsJSON(_ request: Request) -> Bool {
        ["api", "healthz", "readyz", "metrics"].contains(request.segments.first)
    }

    private static func sentence(_ status: Int) -> String {
        switch status {
        case 401: "The token is missing or wrong."
        case 404: "There is nothing at this address."
        case 405: "This address does not take that method."
        case 413: "The body is too large."
        case 421: "This machine is to be asked as 127.0.0.1, localhost or [::1]."
        case 500...: "Something went wrong here; it has been logged."
        default: "The request was refused."
        }
    }
}
