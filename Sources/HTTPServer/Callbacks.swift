import CMicroHTTPD
import Glibc

// libmicrohttpd calls these on its own threads. They are file-scope functions because a closure could inherit an
// actor's isolation and trap there. The context is the Service, which outlives the daemon; a connection's own context
// is its Connection, retained from the first notification to the last.

private func service(_ context: UnsafeMutableRawPointer?) -> RequestProcessor? {
    context.map { Unmanaged<RequestProcessor>.fromOpaque($0).takeUnretainedValue() }
}

private func connection(_ handle: OpaquePointer) -> Connection? {
    pulih_socket_context(handle).map { Unmanaged<Connection>.fromOpaque($0).takeUnretainedValue() }
}

func connectionChanged(
    _ context: UnsafeMutableRawPointer?, _ handle: OpaquePointer?,
    _ connectionContext: UnsafeMutablePointer<UnsafeMutableRawPointer?>?, _ change: MHD_ConnectionNotificationCode
) {
    guard let service = service(context), let handle, let connectionContext else { return }
    if change == .CONNECTION_NOTIFY_STARTED {
        guard let connection = service.connections.started(pulih_socket(handle)) else { return }
        connectionContext.pointee = Unmanaged.passRetained(connection).toOpaque()
    } else if let retained = connectionContext.pointee {
        connectionContext.pointee = nil
        service.connections.closed(Unmanaged<Connection>.fromOpaque(retained).takeRetainedValue())
    }
}

/// The request line is read, but the target not yet cut at its question mark.
func requestLineArrived(
    _ context: UnsafeMutableRawPointer?, _ target: UnsafePointer<CChar>?, _ handle: OpaquePointer?
) -> UnsafeMutableRawPointer? {
    guard let service = service(context), let handle, let connection = connection(handle) else { return nil }
    let bytes = target.map { Array(UnsafeRawBufferPointer(start: $0, count: strlen($0))) } ?? []
    service.requestStarted(connection, target: bytes)
    // The library is about to list the query's fields, in place, and if its memory does not suffice for them it never
    // answers. It has no need to: the query is read from the copy, so it is shown an empty one.
    if let target, let questionMark = bytes.firstIndex(of: UInt8(ascii: "?")), questionMark + 1 < bytes.count {
        UnsafeMutablePointer(mutating: target)[questionMark + 1] = 0
    }
    return nil
}

/// Called once when the head is complete, for each piece of the body, and once when the request is complete.
func answer(
    _ context: UnsafeMutableRawPointer?, _ handle: OpaquePointer?, _ url: UnsafePointer<CChar>?,
    _ method: UnsafePointer<CChar>?, _ version: UnsafePointer<CChar>?, _ upload: UnsafePointer<CChar>?,
    _ uploadSize: UnsafeMutablePointer<Int>?, _ requestContext: UnsafeMutablePointer<UnsafeMutableRawPointer?>?
) -> MHD_Result {
    guard let service = service(context), let handle, let connection = connection(handle), let url, let method,
        let version, let uploadSize
    else { return .NO }
    if uploadSize.pointee > 0 {
        // Nobody else may hold the request here: each piece of the body would copy those before it.
        connection.request?.body.append(contentsOf: UnsafeRawBufferPointer(start: upload, count: uploadSize.pointee))
        uploadSize.pointee = 0
        return .YES
    }
    guard let request = connection.request else {
        return service.readHead(connection, handle, method: method, url: url, version: version)
    }
    return service.answer(request, connection, handle)
}

func requestCompleted(
    _ context: UnsafeMutableRawPointer?, _ handle: OpaquePointer?,
    _ requestContext: UnsafeMutablePointer<UnsafeMutableRawPointer?>?, _ reason: MHD_RequestTerminationCode
) {
    guard let service = service(context), let handle, let connection = connection(handle) else { return }
    service.ended(connection, status: pulih_queued_status(handle))
}
