import CMicroHTTPD

/// A connection that libmicrohttpd leaves alone until it is told otherwise, and then asks about again.
struct SuspendedConnection: @unchecked Sendable {
    // Proof: the library guards both with a lock, and keeps the connection until it is resumed.
    private let handle: OpaquePointer

    /// Only to be called when the library asks about the connection.
    init(_ handle: OpaquePointer) {
        self.handle = handle
        MHD_suspend_connection(handle)
    }

    /// On any thread, once.
    func resume() { MHD_resume_connection(handle) }
}
