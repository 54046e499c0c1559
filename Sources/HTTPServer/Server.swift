import CMicroHTTPD
import Glibc
import Threading

// HTTPServer: requests, responses, routes and limits over libmicrohttpd. It knows no page. Begin here, then `Router`.

/// An HTTP/1.1 server for a place behind a TLS proxy. Each request runs the handler on one of libmicrohttpd's threads,
/// so the handler may block, and must bear being called by several threads in parallel.
package final class Server: Sendable {
    /// The port in fact listened on; 0 for a Unix socket.
    package let port: UInt16
    private let service: RequestProcessor
    private let running: Monitor<Running?>
    private let socketPath: String?
    private let selfCheck: SelfCheck

    private struct Running: @unchecked Sendable {
        // Proof: the daemon is only ever handed to MHD_stop_daemon, by the caller that took it out of `running`.
        let daemon: OpaquePointer
        let watch: pthread_t
    }

    /// Listens immediately.
    /// - Parameters:
    ///   - configuration: where to listen, and the limits.
    ///   - errorPage: draws what is refused before the handler sees it, and 500.
    ///   - onIncident: receives what the server refused or cut by itself; called on any thread, must not block.
    ///   - handler: answers every request.
    /// - Throws: a `ServerError` that says what to change.
    package init(
        configuration: ServerSettings,
        errorPage: @escaping ErrorResponder = { status, _ in .text("\(status)\n", status: status) },
        onIncident: @escaping @Sendable (Incident) -> Void = { _ in },
        handler: @escaping @Sendable (Request) -> Response
    ) throws(ServerError) {
        let trusted = try TrustedProxies(configuration.trustedProxies)
        let socket =
            if let inherited = configuration.inherited {
                try ListenSocket(inherited: inherited, configuration.listen)
            } else {
                try ListenSocket(configuration.listen)
            }
        selfCheck = SelfCheck(socket.descriptor)
        port = socket.port
        socketPath = socket.path
        running = Monitor(nil)
        service = RequestProcessor(
            configuration, trusted: trusted, errorPage: errorPage, onIncident: onIncident, handler: handler)
        // Given back in `stop`, when the library's threads are gone.
        let context = Unmanaged.passRetained(service)
        guard let daemon = Self.startDaemon(configuration, socket.descriptor, context.toOpaque()) else {
            context.release()
            throw .noThreads
        }
        var watch = pthread_t()
        guard pthread_create(&watch, nil, watchDeadlines, context.toOpaque()) == 0 else {
            MHD_stop_daemon(daemon)
            context.release()
            throw .noThreads
        }
        running.withLock { $0 = Running(daemon: daemon, watch: watch) }
    }

    /// Whether a request to it, over its own socket, is answered within the time: not so when every thread hangs.
    package func answers(within time: Duration) -> Bool { selfCheck.answers(within: time) }

    deinit { stop(deadline: .zero) }

    /// Lets nobody new in, waits for the requests under way, then closes every connection. Not to be called by the
    /// handler. New connections are accepted and shut immediately: libmicrohttpd 0.9.75 can abort the process when it is told
    /// to leave the listening socket while its threads are at work.
    /// - Parameter deadline: how long to wait, give or take a last second for handlers at work.
    /// - Returns: false when a handler was at work even then; its thread is left behind, so let the process end.
    @discardableResult
    package func stop(deadline: Duration) -> Bool {
        guard let running = running.withLock({ $0.take() }) else { return true }
        service.connections.drain(atMost: deadline)
        let isQuiet = service.connections.close()
        pthread_join(running.watch, nil)
        if let socketPath { unlink(socketPath) }
        guard isQuiet else { return false }
        MHD_stop_daemon(running.daemon)
        Unmanaged.passUnretained(service).release()
        return true
    }

    private static func startDaemon(
        _ configuration: ServerSettings, _ socket: Int32, _ context: UnsafeMutableRawPointer
    ) -> OpaquePointer? {
        // The library takes a pool of one for no pool.
        let threads = max(2, configuration.threads)
        var settings = pulih_daemon(
            listen_socket: socket, threads: UInt32(threads),
            connections: UInt32(max(threads, affordableConnections(configuration.maxConnections))),
            // Room for the head twice, since the library notes every field, and for the head of the answer.
            memory: 2 * configuration.maxHeadBytes + 16 * 1024, context: context, admit: admit,
            connection_changed: connectionChanged, request_line_arrived: requestLineArrived, answer: answer,
            request_completed: requestCompleted)
        return pulih_start_daemon(&settings)
    }

    /// As many connections as leave descriptors for files: with none left, SQLite could not open its own.
    private static func affordableConnections(_ wanted: Int) -> Int {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return wanted }
        return min(wanted, Int(clamping: limit.rlim_cur) - 256)
    }
}

/// A file-scope function, because a closure could inherit the caller's isolation and trap on the new thread.
private func watchDeadlines(_ context: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    guard let context else { return nil }
    let service = Unmanaged<RequestProcessor>.fromOpaque(context).takeUnretainedValue()
    service.connections.abortOverdue { service.report(.deadlinePassed, $0) }
    return nil
}
