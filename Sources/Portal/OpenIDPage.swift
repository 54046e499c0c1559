import Domain
import HTTPServer
import Mustache
import Pages

/// What people read when an application asks for something that cannot be.
enum OpenIDPage: String, CaseIterable {
    case unknownClient = "unknown_client"
    case foreignRedirect = "foreign_redirect"
    case notCovered = "not_covered"
    /// An application asked for a logout in a way that proves nothing.
    case logoutRefused = "logout_refused"

    var status: Int {
        switch self {
        case .unknownClient, .foreignRedirect, .logoutRefused: 400
        case .notCovered: 403
        }
    }
}

extension Portal {
    /// - Parameters:
    ///   - account: of who is logged in.
    ///   - back: where the button leads; nil to the start page.
    func drawOpenID(
        _ page: OpenIDPage, for request: Request, _ application: Application? = nil, _ account: Account? = nil,
        back: String? = nil
    ) -> Response {
        let viewer = pages.viewer(request)
        let words = pages.words(for: viewer)
        let type = account.map { settings.userTypes.type(id: $0.userType)?.label(viewer.language) ?? $0.userType }
        let text = words.sentence(
            "openid_\(page.rawValue)",
            ["application": application?.name ?? "", "user_id": account?.userID ?? "", "type": type ?? ""])
        let next = back.map { ($0, words["openid.back"]) } ?? ("/", words["next.home"])
        let heading = "openid.\(page.rawValue)"
        return pages.draw(
            .error, title: heading, for: viewer,
            Pages.errorContext(status: page.status, heading: words[heading], text: text, next: next),
            status: page.status)
    }
}
