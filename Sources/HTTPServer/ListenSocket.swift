import Glibc

/// A bound socket that listens.
struct ListenSocket {
    let descriptor: Int32
    /// The port in fact taken; 0 for a Unix socket.
    let port: UInt16
    /// Of a Unix socket, to be removed at the end.
    let path: String?

    /// Takes an address as `Configuration.listen` describes it.
    init(_ address: String) throws(ServerError) {
        if address.hasPrefix("unix:") {
            try self.init(path: String(address.dropFirst("unix:".count)), address: address)
        } else {
            try self.init(internet: address)
        }
    }

    /// Takes a socket that somebody else bound and that listens already, such as a service manager's. Its file, if it
    /// has one, stays: the next process is handed the same socket.
    init(inherited descriptor: Int32, _ address: String) throws(ServerError) {
        var listens: Int32 = 0
        var size = socklen_t(MemoryLayout<Int32>.size)
        guard getsockopt(descriptor, SOL_SOCKET, SO_ACCEPTCONN, &listens, &size) == 0, listens == 1 else {
            throw .notListening(address)
        }
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK)
        self.descriptor = descriptor
        port = Self.boundPort(descriptor)
        path = nil
    }

    private init(internet address: String) throws(ServerError) {
        guard let (host, port) = Self.hostAndPort(address) else { throw .badAddress(address) }
        var hints = addrinfo()
        hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var found: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(host, port, &hints, &found) == 0, let info = found?.pointee
        else { throw .badAddress(address) }
        defer { freeaddrinfo(found) }

        descriptor = try Self.open(info.ai_family, address)
        var yes: Int32 = 1
        let size = socklen_t(MemoryLayout<Int32>.size)
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, size)
        // [::] takes no IPv4, whatever the machine's default is.
        setsockopt(descriptor, Int32(IPPROTO_IPV6), IPV6_V6ONLY, &yes, size)
        guard bind(descriptor, info.ai_addr, info.ai_addrlen) == 0, listen(descriptor, Self.backlog) == 0
        else { throw Self.closed(descriptor, address) }
        self.port = Self.boundPort(descriptor)
        path = nil
    }

    private init(path: String, address: String) throws(ServerError) {
        var name = sockaddr_un()
        name.sun_family = sa_family_t(AF_UNIX)
        let room = MemoryLayout.size(ofValue: name.sun_path) - 1
        guard path.hasPrefix("/"), path.utf8.count <= room, !path.utf8.contains(0) else { throw .badAddress(address) }
        withUnsafeMutableBytes(of: &name.sun_path) { $0.copyBytes(from: path.utf8) }

        try Self.removeLeftover(name, path: path, address)
        let descriptor = try Self.open(AF_UNIX, address)
        // Between bind and chmod nobody gets in: the socket does not listen yet.
        guard Self.withSocketAddress(of: name, { bind(descriptor, $0, $1) }) == 0, chmod(path, 0o660) == 0,
            listen(descriptor, Self.backlog) == 0
        else { throw Self.closed(descriptor, address) }
        self.descriptor = descriptor
        port = 0
        self.path = path
    }

    /// Gives it up. It is never shut down: an inherited socket listens on in the processes that share it, with whoever waits
    /// there to be accepted.
    func close() {
        if let path { unlink(path) }
        Glibc.close(descriptor)
    }

    private static let backlog: Int32 = 1024

    /// Splits `127.0.0.1:80` and `[::1]:80`; an IPv6 address needs its brackets.
    private static func hostAndPort(_ address: String) -> (host: String, port: String)? {
        guard let colon = address.utf8.lastIndex(of: UInt8(ascii: ":")) else { return nil }
        let port = String(address[address.utf8.index(after: colon)...])
        var host = address[..<colon]
        let isBracketed = host.hasPrefix("[") && host.hasSuffix("]")
        if isBracketed { host = host.dropFirst().dropLast() }
        guard let ip = IPAddress(String(host)), ip.isIPv4 != isBracketed, port.utf8.allSatisfy(\.isDigit),
            UInt16(port) != nil
        else { return nil }
        return (String(host), port)
    }

    /// A socket file on which nobody listens any more would make bind fail for ever.
    private static func removeLeftover(_ name: sockaddr_un, path: String, _ address: String) throws(ServerError) {
        var about = stat()
        guard lstat(path, &about) == 0 else { return }
        guard about.st_mode & S_IFMT == S_IFSOCK else { throw .addressInUse(address) }
        let probe = try open(AF_UNIX, address)
        defer { Glibc.close(probe) }
        let isDead = withSocketAddress(of: name) { connect(probe, $0, $1) } != 0 && errno == ECONNREFUSED
        guard isDead else { throw .addressInUse(address) }
        unlink(path)
    }

    private static func open(_ family: Int32, _ address: String) throws(ServerError) -> Int32 {
        let kind = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
        let descriptor = socket(family, kind, 0)
        guard descriptor >= 0 else { throw ServerError(errno: errno, listeningOn: address) }
        return descriptor
    }

    /// Closes the socket and returns the error in errno.
    private static func closed(_ descriptor: Int32, _ address: String) -> ServerError {
        let error = ServerError(errno: errno, listeningOn: address)
        Glibc.close(descriptor)
        return error
    }

    private static func boundPort(_ descriptor: Int32) -> UInt16 {
        var name = sockaddr_in6()
        var size = socklen_t(MemoryLayout<sockaddr_in6>.size)
        withUnsafeMutablePointer(to: &name) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { _ = getsockname(descriptor, $0, &size) }
        }
        // A socket with a path has none.
        guard name.sin6_family != sa_family_t(AF_UNIX) else { return 0 }
        // The port is at the same place in sockaddr_in.
        return UInt16(bigEndian: name.sin6_port)
    }

    private static func withSocketAddress(
        of name: sockaddr_un, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32
    ) -> Int32 {
        withUnsafePointer(to: name) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
    }
}
