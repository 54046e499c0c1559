/// The pages, by the names of their files under `templates/pages/`.
package enum PageName: String, Sendable, CaseIterable {
    case home, reset, sent, confirm, done, link, cancel, cancelled, error
    case queue, job
    case inbox, message

    /// What every page may include.
    static let partials = ["head", "foot"]
}
