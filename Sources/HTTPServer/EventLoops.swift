import CMicroHTTPD
import Glibc

/// libmicrohttpd's threads, each with the connections it is given. None of them listens.
///
/// Each is a daemon of its own: the library's pool deals connections out by the numbers of their sockets, also to threads
/// that are in the handler, and it can be left neither without a listening socket that it shuts at its end nor, in
/// version 0.9.75, told to leave that socket without the danger that it aborts the process.
struct EventLoops: @unchecked Sendable {
    // Proof: the library guards the handing over of a connection with a lock; `stop` is called once, after the last one.
    private let daemons: [OpaquePointer]

    /// - Parameters:
    ///   - context: a retained `RequestProcessor`, which outlives the loops.
    ///   - connections: how many may be open in all; who hands them over keeps to it.
    /// - Returns: nil when the threads cannot be started.
    init?(count: Int, connections: Int, maxHeadBytes: Int, context: UnsafeMutableRawPointer) {
        var settings = pulih_daemon(
            connections: UInt32(connections),
            // Room for the head, for a note of every field and for the head of the answer; the library clears all of it for
            // each request.
            memory: maxHeadBytes + 16 * 1024, context: context, connection_changed: connectionChanged,
            request_line_arrived: requestLineArrived, answer: answer, request_completed: requestCompleted)
        daemons = (0..<count).compactMap { _ in pulih_start_daemon(&settings) }
        guard daemons.count == count else {
            stop()
            return nil
        }
    }

    /// Hands an accepted socket to a loop, which closes it in the end, also when the answer is false.
    func add(_ socket: Int32, _ address: UnsafePointer<sockaddr>, _ size: socklen_t, to loop: Int) -> Bool {
        MHD_add_connection(daemons[loop], socket, address, size) == .YES
    }

    /// Closes every connection and waits for the threads, so no handler may be at work.
    func stop() {
        for daemon in daemons { MHD_stop_daemon(daemon) }
    }
}
