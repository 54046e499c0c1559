import Glibc

/// A connection to a port of this machine, closed with the last reference.
final class LoopbackSocket {
    let descriptor: Int32

    init(port: Int) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var name = sockaddr_in()
        name.sin_family = sa_family_t(AF_INET)
        name.sin_port = UInt16(port).bigEndian
        name.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let code = withUnsafePointer(to: &name) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard code == 0 else { throw BenchFailure("port \(port) cannot be reached") }
        var yes: Int32 = 1
        setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &yes, socklen_t(MemoryLayout<Int32>.size))
    }

    deinit { close(descriptor) }

    func send(_ bytes: [UInt8]) throws {
        guard Glibc.send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count else {
            throw BenchFailure("the server has closed the connection")
        }
    }

    /// Reads what has come behind the first `count` bytes.
    /// - Returns: how many bytes came.
    func receive(into buffer: inout [UInt8], after count: Int = 0) throws -> Int {
        let more = recv(descriptor, &buffer[count], buffer.count - count, 0)
        guard more > 0 else { throw BenchFailure("the server has closed the connection") }
        return more
    }
}
