import CMicroHTTPD
import Glibc

/// libmicrohttpd with its own pool of threads and one fixed answer: what any server built on it can reach at most. Benchmarks
/// compare with it; it serves nobody.
package final class BareServer {
    package let port: Int
    private let daemon: OpaquePointer
    private let answer: UnsafeMutableRawPointer

    /// Listens immediately, on loopback and any free port.
    /// - Returns: nil when there is no memory or no port.
    package init?(threads: Int, answering body: String) {
        let copy = strdup(body)
        guard let response = MHD_create_response_from_buffer_with_free_callback(body.utf8.count, copy, free) else {
            return nil
        }
        let answer = UnsafeMutableRawPointer(response)
        let flags = MHD_USE_EPOLL_INTERNAL_THREAD.rawValue
        let options: [any CVarArg] = [
            MHD_OPTION.THREAD_POOL_SIZE.rawValue, UInt32(threads), MHD_OPTION.END.rawValue,
        ]
        let started = withVaList(options) { MHD_start_daemon_va(flags, 0, nil, nil, answerAlike, answer, $0) }
        guard let started else {
            MHD_destroy_response(response)
            return nil
        }
        (self.answer, daemon, port) = (answer, started, Int(pulih_bound_port(started)))
    }

    package static var libraryVersion: String { String(cString: MHD_get_version()) }

    deinit {
        MHD_stop_daemon(daemon)
        MHD_destroy_response(OpaquePointer(answer))
    }
}

private let answerAlike: MHD_AccessHandlerCallback = { answer, connection, _, _, _, _, _, request in
    // The first call is for the head alone.
    guard request?.pointee != nil else {
        request?.pointee = answer
        return .YES
    }
    return MHD_queue_response(connection, 200, answer.map { OpaquePointer($0) })
}
