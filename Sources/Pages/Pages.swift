package import Domain
import FoundationEssentials
package import HTTPServer
package import Mustache

// Pages: templates, words and security headers, shared by all rooms that show pages. It knows no page's content. Begin here.

/// Draws pages from templates and words, with what every page shares: language, style, security headers.
package struct Pages: Sendable {
    /// What the installation decides about its pages.
    package struct Settings: Sendable {
        package let language: Language
        package let helpdesk: String
        /// Whether people reach the service over https; then browsers are told to insist on it.
        package let isSecure: Bool

        package init(language: Language, helpdesk: String, isSecure: Bool) {
            self.language = language
            self.helpdesk = helpdesk
            self.isSecure = isSecure
        }
    }

    private let settings: Settings
    private let templates: [PageName: Template]
    private let partials: [String: Template]
    private let words: [Language: Words]
    package let assets: Assets
    /// Of what is no page.
    private let securityHeaders: Headers

    /// Loads everything below the templates' folder that pages need.
    /// - Parameter read: the text of a file such as `pages/reset.html`, or nil.
    /// - Throws: `PageErrors` with every mistake.
    package init(_ settings: Settings, read: @escaping (String) -> String?) throws {
        var problems: [String] = []
        var words: [Language: Words] = [:]
        for language in Language.allCases {
            let file = "words/\(language.rawValue).json5"
            guard let source = read(file) else {
                problems.append("\(file): the file is missing or not UTF-8")
                continue
            }
            do { words[language] = try Words(source, file: file) } catch { problems.append(Self.explain(error)) }
        }
        var loader = TemplateLoader(read: read)
        templates = PageName.allCases.reduce(into: [:]) { $0[$1] = loader.template("pages/\($1.rawValue).html") }
        partials = loader.partials(of: templates.values, in: "pages/", ending: ".html")
        problems += loader.problems
        assets = Assets(read: read, &problems)
        self.settings = settings
        securityHeaders = SecurityHeaders.all(isSecure: settings.isSecure)
        self.words = words
        problems += Self.missingSentences(words)
        guard problems.isEmpty else { throw PageErrors(problems: problems) }
    }

    package func viewer(_ request: Request) -> Viewer { Viewer(request, standard: settings.language) }

    package func words(for viewer: Viewer) -> Words { words(viewer.language) }

    // Every language has its words: the initialiser saw to it.
    package func words(_ language: Language) -> Words { words[language]! }

    /// Draws a page.
    /// - Parameters:
    ///   - title: the key of its title among the words, or the title itself.
    ///   - isLive: whether a script keeps its content up to date.
    package func draw(
        _ page: PageName, title: String, for viewer: Viewer, _ context: [String: Value], status: Int = 200,
        isLive: Bool = false
    ) -> Response {
        let isInline = page.isInline
        var whole = common(viewer, title: title).merging(context) { $1 }
        if isInline {
            whole["style_text"] = .text(assets.styleText)
            whole["script_href"] = .absent
        }
        if isLive { whole["live_href"] = .text(assets.address(of: .live)) }
        // Every page has its template: the initialiser saw to it.
        var response = Response.html(templates[page]!.render(.dictionary(whole), partials: partials), status: status)
        SecurityHeaders.add(
            to: &response, isSecure: settings.isSecure, inlineStyle: isInline ? assets.styleDigest : nil,
            isLive: isLive, formTargets: viewer.formTargets)
        if viewer.choseLanguage {
            response.set(Cookie(Viewer.cookie, viewer.language.rawValue, maxAge: 365 * 86_400))
        }
        return response
    }

    /// Adds the security headers to an answer that is not a page, such as a redirection or a picture.
    package func addSecurityHeaders(_ response: inout Response) {
        response.setMissing(securityHeaders)
    }

    /// Names in a page's template that this sample of its context does not resolve, with file and line.
    package func problems(_ page: PageName, _ sample: [String: Value]) -> [String] {
        guard let template = templates[page] else { return [] }
        return Language.allCases.flatMap { language in
            let viewer = Viewer(language: language)
            let whole = Self.optional.merging(common(viewer, title: "site.name")) { $1 }.merging(sample) { $1 }
            return template.problems(against: .dictionary(whole), partials: partials).map(\.description)
        }
    }

    /// What the shared head asks after and most pages leave out.
    private static let optional: [String: Value] = [
        "has_errors": false, "operations": false, "style_text": .absent, "live_href": .absent,
        "refresh_seconds": .absent, "application_text": .absent, "is_elsewhere": false,
        "nav_links": [["label": "", "href": "", "current": false]],
    ]

    private func common(_ viewer: Viewer, title: String) -> [String: Value] {
        let words = words(viewer.language)
        let links = Language.allCases.map { language -> Value in
            [
                "code": .text(language.rawValue), "label": .text(words["site.language_\(language.rawValue)"]),
                "href": .text(viewer.address(in: language)),
                "current": .flag(language == viewer.language),
            ]
        }
        return [
            "lang": .text(viewer.language.rawValue), "title": .text(words[title]), "words": words.tree,
            "style_href": .text(assets.address(of: .style)), "icon_href": .text(assets.address(of: .icon)),
            "operations_style_href": .text(assets.address(of: .operationsStyle)),
            "script_href": .text(assets.address(of: .enhancements)),
            "helpdesk": .text(settings.helpdesk), "language_links": .list(links), "public_home": "/",
            "member_user_id": .optional(viewer.userID),
            "next_query": .text(viewer.application?.query ?? ""),
            "application_text": .optional(
                viewer.application.map { words.sentence("application_entering", ["application": $0.name]) }),
        ]
    }

    /// Sentences that one language has and another lacks.
    private static func missingSentences(_ words: [Language: Words]) -> [String] {
        let all = words.values.reduce(into: Set<String>()) { $0.formUnion($1.keys) }
        return words.sorted { $0.key.rawValue < $1.key.rawValue }.flatMap { language, words in
            all.subtracting(words.keys).sorted().map { "words/\(language.rawValue).json5: \($0) is missing" }
        }
    }

    private static func explain(_ error: any Error) -> String {
        guard let error = error as? any PresentableError else { return "\(error)" }
        return "\(error.sentence) \(error.detail)"
    }
}

/// Every mistake found in the pages' templates and words.
package struct PageErrors: PresentableError {
    package let problems: [String]

    package init(problems: [String]) { self.problems = problems.toldOnce }

    package var sentence: String { "The templates have \(problems.count) mistake(s):" }
    package var detail: String { problems.map { "  \($0)" }.joined(separator: "\n") }
}
