import Domain
package import HTTPServer
import Pages

/// Addresses of links to which a mail program added something: one redirect leads to the address that the mail has. It says
/// nothing about the token, which is looked at only there.
extension Portal {
    /// Where a request for a link should have gone; nil when it did, or is for no link.
    static func cleanAddress(_ request: Request) -> String? {
        guard request.method == .get || request.method == .head, let address = ReceivedResetLink(target: request.path)
        else {
            return nil
        }
        let language = request.query.values("lang")
        let isClean = address.path == request.path && request.query.pairs.count == language.count
        guard !isClean else { return nil }
        return address.path + (language.first.flatMap(Language.init(rawValue:)).map { "?lang=\($0.rawValue)" } ?? "")
    }

    /// The answer to a request for a link whose address the server could not read.
    package func redirect(unreadable target: String) -> Response? {
        ReceivedResetLink(target: target).map { address in
            var response = Response.redirect(to: address.path)
            pages.addSecurityHeaders(&response)
            return response
        }
    }
}
