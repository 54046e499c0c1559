import Domain
import HTTPServer
import Mustache
import Pages

/// What is told about a login at an application.
enum ApplicationPage: String, CaseIterable {
    /// It ended: an ordinary page asks to log in again.
    case ended
    /// It ended, and what was sent with it was not kept.
    case formLost = "form_lost"
    /// The user type has nothing to do there.
    case forbidden
    /// The address to come back to is not of that host.
    case foreign
    /// The way back from the login could not be finished.
    case refused
    /// Whether to end it.
    case logout

    var status: Int {
        switch self {
        case .ended, .formLost: 401
        case .forbidden, .refused: 403
        case .foreign: 400
        case .logout: 200
        }
    }
}

extension Portal {
    /// - Parameters:
    ///   - next: where the link leads, a full address, and the key of its label.
    ///   - account: of who is logged in.
    ///   - action: where the button that ends the login posts to; nil where there is none.
    func draw(
        _ page: ApplicationPage, of application: Application, for request: Request,
        next: (href: String, label: String), _ account: Account? = nil, action: String? = nil
    ) -> Response {
        var viewer = pages.viewer(request)
        // A logout at the application's host ends at the portal.
        viewer.formTargets = [settings.site]
        let words = pages.words(for: viewer)
        let heading = words.sentence("application_\(page.rawValue)", ["application": application.name])
        let values = settings.applicationContext(
            heading: heading, text: words["application.\(page.rawValue)"], next: (next.href, words[next.label]),
            account, language: viewer.language, action: action, end: words["application.end"])
        return pages.draw(.application, title: heading, for: viewer, values, status: page.status)
    }
}

extension Portal.Settings {
    func applicationContext(
        heading: String, text: String, next: (href: String, label: String), _ account: Account?, language: Language,
        action: String?, end: String
    ) -> [String: Value] {
        let type = account.map { userTypes.type(id: $0.userType)?.label(language) ?? $0.userType }
        return [
            "heading": .text(heading), "text": .text(text), "next_href": .text(next.href),
            "next_label": .text(next.label), "user_id": .optional(account?.userID), "type_label": .optional(type),
            "action": .optional(action), "end_label": .text(end),
            // The host is the application's: nothing of ours lies below it but `/.pulih/`.
            "public_home": .text("\(site)/"), "icon_href": .absent, "is_elsewhere": true,
        ]
    }
}
