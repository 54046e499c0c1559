import CMicroHTTPD
import Glibc
import Threading

// HTTPServer: requests, responses, routes and limits over libmicrohttpd. It knows no page. Begin here, then `Router`.

/// An HTTP/1.1 server for a place behind a TLS proxy. The handler may block, and must bear being called by several threads
/// in parallel: on one of libmicrohttpd's, whose other connections wait meanwhile, or, for what takes long, on a worker.
package final class Server: Sendable {
    /// The port in fact listened on; 0 for a Unix socket.
    package let port: UInt16
    private let service: RequestProcessor
    private let running: Monitor<Running?>
    private let selfCheck: SelfCheck

    private struct Running: Sendable {
        let socket: ListenSocket
        let acceptor: Acceptor
        let accepting: Thread
        let watching: Thread
        let loops: EventLoops
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
        running = Monitor(nil)
        let threads = max(1, configuration.threads)
        let limit = max(threads, Self.affordableConnections(configuration.maxConnections))
        service = RequestProcessor(
            configuration, trusted: trusted,
            connections: ConnectionRegistry(configuration, trusted: trusted, loops: threads, limit: limit),
            errorPage: errorPage, onIncident: onIncident, handler: handler)
        // Given back in `stop`, when the library's threads are gone.
        let context = Unmanaged.passRetained(service).toOpaque()
        let loops = EventLoops(
            count: threads, connections: limit, maxHeadBytes: configuration.maxHeadBytes, context: context)
        let service = service
        guard let loops, let acceptor = Acceptor(socket.descriptor, service, loops),
            let watching = Thread(
                ifAvailable: "http-deadlines",
                { service.connections.abortOverdue { service.report(.deadlinePassed, $0) } })
        else {
            loops?.stop()
            Unmanaged.passUnretained(service).release()
            socket.close()
            throw .noThreads
        }
        guard let accepting = Thread(ifAvailable: "http-accept", { acceptor.run() }) else {
            _ = service.connections.close()
            watching.join()
            loops.stop()
            Unmanaged.passUnretained(service).release()
            socket.close()
            throw .noThreads
        }
        running.withLock {
            $0 = Running(socket: socket, acceptor: acceptor, accepting: accepting, watching: watching, loops: loops)
        }
    }

    /// Whether a request to it, over its own socket, is answered within the time: not so when every thread hangs.
    package func answers(within time: Duration) -> Bool { selfCheck.answers(within: time) }

    deinit { stop(deadline: .zero) }

    /// Lets nobody new in, waits for the requests under way, then closes every connection. Not to be called by the
    /// handler. Who connects meanwhile is refused, or, if the socket was inherited, waits for the next process with it.
    /// - Parameter deadline: how long to wait, give or take a last second for handlers at work.
    /// - Returns: false when a handler was at work even then; its thread is left behind, so let the process end.
    @discardableResult
    package func stop(deadline: Duration) -> Bool {
        guard let running = running.withLock({ $0.take() }) else { return true }
        service.connections.closeDoors()
        running.acceptor.wake()
        running.accepting.join()
        running.socket.close()
        service.connections.drain(atMost: deadline)
        let isQuiet = service.connections.close()
        running.watching.join()
        guard isQuiet else { return false }
        service.workers.close()
        running.loops.stop()
        Unmanaged.passUnretained(service).release()
        return true
    }

    /// As many connections as leave descriptors for files: with none left, SQLite could not open its own.
    private static func affordableConnections(_ wanted: Int) -> Int {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return wanted }
        return min(wanted, Int(clamping: limit.rlim_cur) - 256)
    }
}
