package import Domain
package import HTTPServer

/// Who is looking, as far as a page must know: the language and where the page stands.
package struct Viewer: Sendable {
    package let language: Language
    /// Whether the language was chosen with `?lang=` just now, so that it should be remembered.
    let choseLanguage: Bool
    private let path: String
    /// The query, without the language.
    private let query: [Field]
    /// The User ID of somebody who is logged in; nil for everyone else.
    package var userID: String?
    /// Which they log in to; nil for the portal itself.
    package var application: Application?

    /// An application that a login leads to.
    package struct Application: Sendable {
        let name: String
        /// What the addresses of the login's pages carry, with the question mark.
        let query: String

        package init(name: String, query: String) {
            self.name = name
            self.query = query
        }
    }

    /// Other origins at which a form of the page may end: browsers hold the redirects after a form to its page's policy.
    package var formTargets: [String] = []

    package static let cookie = "pulih-language"

    /// `?lang=`, then the cookie, then Accept-Language, then the house's language.
    package init(_ request: Request, standard: Language) {
        path = request.path
        query = request.query.pairs.filter { $0.name != "lang" }
        if let chosen = request.query.values("lang").lazy.compactMap(Language.init(rawValue:)).first {
            language = chosen
            choseLanguage = true
        } else {
            choseLanguage = false
            language =
                request.cookies.values(Self.cookie).lazy.compactMap(Language.init(rawValue:)).first
                ?? Self.preferred(request.headers["accept-language"] ?? "") ?? standard
        }
    }

    /// A visitor of the start page, who said nothing.
    init(language: Language) {
        self.language = language
        choseLanguage = false
        path = "/"
        query = []
    }

    /// This very page in another language.
    func address(in language: Language) -> String {
        let fields = query + [Field(name: "lang", value: language.rawValue)]
        return path + "?"
            + fields.map { "\(PercentEncoding.encode($0.name))=\(PercentEncoding.encode($0.value))" }
            .joined(separator: "&")
    }

    /// The language of ours with the highest weight in an Accept-Language header (RFC 9110 section 12.5.4).
    static func preferred(_ header: String) -> Language? {
        var best: (language: Language, weight: Double)?
        for entry in header.split(separator: ",") {
            let parts = entry.split(separator: ";").map { $0.filter { $0 != " " } }
            guard let tag = parts.first?.lowercased(),
                let language = Language(rawValue: String(tag.prefix { $0 != "-" }))
            else { continue }
            let weight = parts.dropFirst().first { $0.hasPrefix("q=") }.flatMap { Double($0.dropFirst(2)) } ?? 1
            if weight > 0, weight > best?.weight ?? 0 { best = (language, weight) }
        }
        return best?.language
    }
}
