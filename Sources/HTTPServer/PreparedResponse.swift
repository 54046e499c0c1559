import CMicroHTTPD

/// An answer in the form that libmicrohttpd sends, made once for those that go out as they are again and again.
final class PreparedResponse: @unchecked Sendable {
    // Proof: the library counts the references to a response under a lock of its own, so that several threads may queue one.
    let pointer: OpaquePointer

    /// - Parameter isLast: whether the connection ends with it.
    /// - Returns: nil when there is no memory.
    init?(_ response: Response, isLast: Bool) {
        let made = response.body.withUnsafeBytes { body in
            // The library copies the body; it takes a mutable pointer all the same.
            MHD_create_response_from_buffer(
                body.count, UnsafeMutableRawPointer(mutating: body.baseAddress), .RESPMEM_MUST_COPY)
        }
        guard let made else { return nil }
        pointer = made
        guard response.headers.areAll({ MHD_add_response_header(made, $0, $1) == .YES }) else { return nil }
        if isLast, MHD_add_response_header(made, "Connection", "close") != .YES { return nil }
    }

    deinit { MHD_destroy_response(pointer) }
}
