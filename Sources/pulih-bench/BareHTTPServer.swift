import CMicroHTTPD
import Glibc

/// libmicrohttpd with its own pool of threads and one fixed answer: what any server built on it can reach at most.
final class BareHTTPServer {
    let port: Int
    private let daemon: OpaquePointer
    private let answer: UnsafeMutableRawPointer

    init(threads: Int, answering body: String) throws {
        let copy = strdup(body)
        guard let response = MHD_create_response_from_buffer_with_free_callback(body.utf8.count, copy, free) else {
            throw BenchFailure("libmicrohttpd has no memory for an answer")
        }
        let answer = UnsafeMutableRawPointer(response)
        let flags = MHD_USE_EPOLL_INTERNAL_THREAD.rawValue
        let options: [any CVarArg] = [
            MHD_OPTION.THREAD_POOL_SIZE.rawValue, UInt32(threads), MHD_OPTION.END.rawValue,
        ]
        let started = withVaList(options) { MHD_start_daemon_va(flags, 0, nil, nil, answerAlike, answer, $0) }
        guard let started else { throw BenchFailure("libmicrohttpd cannot listen") }
        (self.answer, daemon, port) = (answer, started, Int(pulih_bound_port(started)))
    }

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
