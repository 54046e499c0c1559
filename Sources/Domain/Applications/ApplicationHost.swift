/// A host of an application whose proxy asks us who is let in. A class: it is looked up for each request of a proxy, by all
/// threads at once, and one reference is copied sooner than all that an application is.
package final class ApplicationHost: Sendable {
    /// With the port where it is not the usual one, in small letters.
    package let name: String
    package let application: Application

    init(_ name: String, of application: Application) {
        self.name = name
        self.application = application
    }

    package var origin: String { WebOrigin.ofHost(name) }
}
