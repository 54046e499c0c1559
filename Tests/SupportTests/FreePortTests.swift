import Glibc
import Support
import Testing

@Suite struct FreePortTests {
    @Test func `a reserved port is refused to clients until a server listens on it, and again afterwards`() throws {
        let port = try FreePort()
        #expect(try !port.hasListener)
        #expect(try connect(to: port) == .code(1))

        let server = try Subprocess("/usr/bin/python3", ["-c", Self.server, "\(port.number)"])
        try port.waitForListener()
        #expect(try connect(to: port) == .code(0))
        server.signal(SIGKILL)
        try server.waitForExit()
        #expect(try !port.hasListener)
        #expect(try connect(to: port) == .code(1))
    }

    @Test func `each of many servers is found`() throws {
        let ports = try (0..<100).map { _ in try FreePort() }
        let program = """
            import signal, socket, sys
            listeners = [socket.create_server(("127.0.0.1", int(port))) for port in sys.argv[1:]]
            signal.pause()
            """
        let server = try Subprocess("/usr/bin/python3", ["-c", program] + ports.map { "\($0.number)" })
        for port in ports { try port.waitForListener() }
        server.signal(SIGKILL)
        try server.waitForExit()
    }

    @Test func `a reserved port is taken for all but a server that sets SO_REUSEADDR, until it is given back`() throws {
        var port: FreePort? = try FreePort()
        let number = try #require(port?.number)
        #expect(try bind(number, reusing: 0) == .code(1))
        #expect(try bind(number, reusing: 1) == .code(0))
        port = nil
        #expect(try bind(number, reusing: 0) == .code(0))
    }

    private func bind(_ port: UInt16, reusing: Int) throws -> Subprocess.Exit {
        let program = """
            import socket, sys
            server = socket.socket()
            server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, int(sys.argv[2]))
            server.bind(("127.0.0.1", int(sys.argv[1])))
            server.listen()
            """
        return try Subprocess.run("/usr/bin/python3", ["-c", program, "\(port)", "\(reusing)"]).exit
    }

    private static let server = """
        import signal, socket, sys
        listener = socket.create_server(("127.0.0.1", int(sys.argv[1])))
        signal.pause()
        """

    private func connect(to port: FreePort) throws -> Subprocess.Exit {
        let client = "import socket, sys; socket.create_connection(('127.0.0.1', int(sys.argv[1])))"
        return try Subprocess.run("/usr/bin/python3", ["-c", client, "\(port.number)"]).exit
    }
}
