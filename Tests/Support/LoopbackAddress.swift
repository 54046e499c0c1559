import Glibc

/// 127.0.0.1 and a port, in the form the socket calls take.
struct LoopbackAddress {
    private var address = sockaddr_in()

    init(port: UInt16) {
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = INADDR_LOOPBACK.bigEndian
    }

    /// Binds `socket` here and returns the port, which the kernel chooses for port 0.
    func bind(_ socket: Int32) throws -> UInt16 {
        var bound = address
        let result = withPointer(to: &bound) { Glibc.bind(socket, $0, $1) }
        guard result == 0 else { throw SupportFailure.system("cannot bind a loopback port") }
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let named = withPointer(to: &bound) { pointer, _ in getsockname(socket, pointer, &length) }
        guard named == 0 else { throw SupportFailure.system("cannot ask for the bound port") }
        return UInt16(bigEndian: bound.sin_port)
    }

    func connect(_ socket: Int32) throws {
        var peer = address
        guard withPointer(to: &peer, { Glibc.connect(socket, $0, $1) }) == 0 else {
            throw SupportFailure.system("cannot connect to 127.0.0.1:\(UInt16(bigEndian: address.sin_port))")
        }
    }

    private func withPointer<Result>(
        to address: inout sockaddr_in, _ body: (UnsafeMutablePointer<sockaddr>, socklen_t) -> Result
    ) -> Result {
        withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
    }
}
