import Glibc

/// How a server listens and what it bears. Every limit is there so that no client can hold what others need.
package struct ServerSettings: Sendable {
    /// `127.0.0.1:8080`, `[::1]:8080` or `unix:/run/pulih/http.sock`; port 0 takes any that is free. A Unix socket is
    /// made with mode 0660 and takes the place of one that a dead server left behind.
    package var listen: String
    /// A socket that somebody else bound, in place of one bound here; `listen` is only its name then.
    package var inherited: Int32?
    /// Addresses and networks of proxies whose X-Forwarded-For is believed. The peer of a Unix socket always is.
    package var trustedProxies: [String] = []
    /// Bytes of a body; more is refused before it is read.
    package var maxBodyBytes = 64 * 1024
    /// Bytes of request line and headers together.
    package var maxHeadBytes = 8 * 1024
    /// Bytes of path and query as sent.
    package var maxTargetBytes = 4 * 1024
    /// Threads that read, handle and answer. Handlers wait for the disk, so there are more than cores.
    package var threads = max(8, 4 * sysconf(Int32(_SC_NPROCESSORS_ONLN)))
    /// Threads that handle what takes long, started when there is so much of it at once. Most of them wait for a commit: with
    /// fewer, less shares each, and cores have nothing to do until the disk answers.
    package var workers = max(64, 8 * sysconf(Int32(_SC_NPROCESSORS_ONLN)))
    /// Open connections in all; the next ones wait to be accepted. Lowered where the limit on open files is in the way.
    package var maxConnections = 4096
    /// Open connections from one IPv4 address or IPv6 /64 that is no trusted proxy; the next ones are closed.
    package var maxConnectionsPerAddress = 128
    /// From the first byte, or the connection, to the end of a request; and as long again to take the answer.
    package var requestDeadline = Duration.seconds(20)
    /// How long a connection is kept for its next request. Longer than nginx keeps its own (60 s), so that nginx is the
    /// one to close and never sends into a closing connection.
    package var idleTimeout = Duration.seconds(75)
    /// How long a stop waits for the request of who has just connected.
    package var newcomerPatience = Duration.seconds(1)

    /// Where to send a GET or HEAD whose target cannot be read, and which nothing else is wrong with; nil to refuse it.
    package var redirectUnreadable: @Sendable (_ target: String) -> Response? = { _ in nil }

    /// Which requests may take so long that the connections of their event loop must not wait for the answer. To hand a
    /// request to a worker costs about 20 us.
    package var takesLong: @Sendable (Request) -> Bool = { _ in false }

    /// Every limit at its default.
    package init(listen: String) {
        self.listen = listen
    }
}
