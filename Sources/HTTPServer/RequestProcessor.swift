import CMicroHTTPD

/// What libmicrohttpd's threads need to answer requests; its callbacks come here.
final class RequestProcessor: Sendable {
    let connections: ConnectionRegistry
    let workers: WorkerPool
    private let reader: RequestReader
    private let handler: @Sendable (Request) -> Response
    private let errorPage: ErrorResponder
    private let redirect: @Sendable (_ target: String) -> Response?
    private let takesLong: @Sendable (Request) -> Bool
    private let onIncident: @Sendable (Incident) -> Void

    init(
        _ configuration: ServerSettings, trusted: TrustedProxies, connections: ConnectionRegistry,
        errorPage: @escaping ErrorResponder, onIncident: @escaping @Sendable (Incident) -> Void,
        handler: @escaping @Sendable (Request) -> Response
    ) {
        self.connections = connections
        workers = WorkerPool(limit: max(1, configuration.workers))
        reader = RequestReader(
            maxHeadBytes: configuration.maxHeadBytes, maxTargetBytes: configuration.maxTargetBytes,
            maxBodyBytes: configuration.maxBodyBytes, trusted: trusted)
        self.errorPage = errorPage
        redirect = configuration.redirectUnreadable
        takesLong = configuration.takesLong
        self.onIncident = onIncident
        self.handler = handler
    }

    func report(_ kind: Incident.Kind, _ peer: IPAddress?) {
        onIncident(Incident(kind, peer: peer))
    }

    /// A request begins; `target` is what its first line asks for.
    func requestStarted(_ connection: Connection, target: [UInt8]) {
        connection.target = target
        connections.advance(connection, to: .reading)
    }

    /// The head is complete. A bad one is answered now, before the body: libmicrohttpd then says `Connection: close`
    /// and reads no further, so nothing behind it can pass for a second request.
    func readHead(
        _ connection: Connection, _ handle: OpaquePointer, method: UnsafePointer<CChar>, url: UnsafePointer<CChar>,
        version: UnsafePointer<CChar>
    ) -> MHD_Result {
        do throws(RequestError) {
            connection.request = try reader.read(
                handle, method: method, url: url, version: version, target: connection.target, peer: connection.peer)
            return .YES
        } catch {
            if error.isOfTarget, ["GET", "HEAD"].contains(String(cString: method)),
                let response = redirect(String(decoding: connection.target, as: UTF8.self))
            {
                return send(response, connection, handle)
            }
            report(.refused(error), connection.peer)
            return send(errorPage(error.status, nil), connection, handle)
        }
    }

    /// The request is complete, or the worker it was handed to is done with it.
    func answer(_ request: Request, _ connection: Connection, _ handle: OpaquePointer) -> MHD_Result {
        if let outcome = connection.outcome.take() {
            guard case .answer(let response) = outcome else { return .NO }
            return send(response, connection, handle)
        }
        if takesLong(request) { return handOver(request, connection, handle) }
        guard connections.advance(connection, to: .handling) != .closed else { return .NO }
        return send(handler(request), connection, handle)
    }

    /// Lets a worker answer, so that the event loop goes on with its other connections meanwhile.
    private func handOver(_ request: Request, _ connection: Connection, _ handle: OpaquePointer) -> MHD_Result {
        guard connections.advance(connection, to: .queued) != .closed else { return .NO }
        let suspended = SuspendedConnection(handle)
        workers.run { [self] in
            let isCut = connections.advance(connection, to: .handling) == .closed
            connection.outcome = isCut ? .cut : .answer(handler(request))
            suspended.resume()
        }
        return .YES
    }

    /// The request is over, answered or broken off; `status` is that of the answer, 0 without one.
    func ended(_ connection: Connection, status: UInt32) {
        if !connection.isAnswered, status != 0 { report(.refusedUnread(status: Int(status)), connection.peer) }
        connection.request = nil
        connection.isAnswered = false
        connections.advance(connection, to: .waiting)
    }

    private func send(_ response: Response, _ connection: Connection, _ handle: OpaquePointer) -> MHD_Result {
        var response = response
        if let error = response.error {
            report(.faultyResponse(error), connection.peer)
            response = errorPage(500, connection.request)
            if response.error != nil { response = .text("500 Internal Server Error\n", status: 500) }
        }
        connection.isAnswered = true
        let isLast = connections.advance(connection, to: .answering) != .open
        let ready = isLast ? nil : response.prepared
        guard let queued = ready ?? PreparedResponse(response, isLast: isLast) else { return .NO }
        return MHD_queue_response(handle, UInt32(clamping: response.status), queued.pointer)
    }
}
