package import Mustache
package import Pages

/// The links at the head of every operations page.
package struct Navigation: Sendable, Equatable {
    package struct Link: Sendable, Equatable {
        /// The key of the label among the words.
        package let label: String
        package let href: String

        package init(label: String, href: String) {
            self.label = label
            self.href = href
        }
    }

    static let queue = Link(label: "operations.queue", href: "/")
    static let jobs = Link(label: "operations.jobs", href: "/jobs")
    private static let rest = [
        Link(label: "operations.health", href: "/readyz"), Link(label: "operations.metrics", href: "/metrics"),
    ]

    private let links: [Link]

    /// - Parameter added: links to pages of others, which come after the queue's.
    package init(adding added: [Link] = []) { links = [Self.queue, Self.jobs] + added + Self.rest }

    /// What the head of a page is drawn with.
    package func context(_ words: Words, current: Link?) -> [String: Value] {
        let links = links.map { link -> Value in
            ["label": .text(words[link.label]), "href": .text(link.href), "current": .flag(link == current)]
        }
        return ["operations": true, "nav_links": .list(links)]
    }
}
