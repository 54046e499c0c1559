/// The pages, by the names of their files under `templates/pages/`.
package enum PageName: String, Sendable, CaseIterable {
    case home, login, password, code, logout, member, enable, scan, disable, sessions, recovery, codes
    case reset, sent, confirm, done, link, cancel, cancelled, error
    case queue, jobs, job
    case inbox, message
    case application

    /// The first page carries its stylesheet with it, so that it is there after one round trip; so does what is shown at the
    /// host of an application, where there are no files of ours.
    var isInline: Bool { self == .home || self == .application }
}
