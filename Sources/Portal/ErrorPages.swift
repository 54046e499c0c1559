package import HTTPServer
import Pages

extension Portal {
    /// The page for a status that the server or the router answers with by itself.
    /// - Parameter request: nil when it was too broken to read.
    package func errorPage(status: Int, _ request: Request?) -> Response {
        if status == 404, let clean = request.flatMap(Self.cleanAddress) { return .redirect(to: clean) }
        return pages.draw(ErrorPage(status: status), for: request, status: status)
    }
}
