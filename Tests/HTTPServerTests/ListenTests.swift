import Foundation
import Support
import Testing

@testable import HTTPServer

@Suite struct ListenTests {
    private static func failure(_ listen: String) -> ServerError? {
        do throws(ServerError) {
            _ = try Server(configuration: ServerSettings(listen: listen), handler: { _ in .text("") })
            return nil
        } catch {
            return error
        }
    }

    private static func temporaryPath() -> String {
        "/tmp/pulih-\(UUID().uuidString.prefix(8)).sock"
    }

    @Test(
        "What is no address to listen on is refused with a sentence that shows one",
        arguments: [
            "", "8080", ":8080", "localhost:8080", "127.0.0.1", "127.0.0.1:", "127.0.0.1:x", "127.0.0.1:65536",
            "127.0.0.1:-1", "127.0.0.1:+80", "::1:8080", "[127.0.0.1]:80", "[::1]", "[::1]8080", "unix:",
            "unix:relative",
            "unix:/" + String(repeating: "x", count: 200),
        ])
    func badAddress(_ listen: String) {
        #expect(Self.failure(listen) == .badAddress(listen))
        #expect(ServerError.badAddress(listen).sentence.contains("127.0.0.1:8080"))
    }

    @Test("A port that is taken is named")
    func portTaken() throws {
        let fixture = try Fixture()
        let address = "127.0.0.1:\(fixture.server.port)"
        #expect(Self.failure(address) == .addressInUse(address))
        #expect(ServerError.addressInUse(address).sentence.hasPrefix("\(address) is in use by another program"))
    }

    @Test("A port is free again once its server has stopped")
    func portFreed() throws {
        let first = try Fixture()
        let port = first.server.port
        #expect(try first.client.get("/").status == 200)
        first.server.stop(deadline: .zero)
        let second = try Fixture(listen: "127.0.0.1:\(port)")
        #expect(try second.client.get("/").status == 200)
    }

    @Test("An address of another machine is named")
    func notOurs() {
        #expect(Self.failure("192.0.2.1:0") == .notOurs("192.0.2.1:0"))
    }

    @Test("System errors become sentences with a cure")
    func sentences() {
        #expect(ServerError(errno: EACCES, listeningOn: "127.0.0.1:80") == .forbidden("127.0.0.1:80"))
        #expect(ServerError.forbidden("127.0.0.1:80").sentence.contains("1024"))
        #expect(Self.failure("unix:/nowhere/x.sock") == .refused("unix:/nowhere/x.sock", errno: ENOENT))
    }

    @Test("IPv6 is served, and its clients are told by their addresses")
    func ipv6() throws {
        let fixture = try Fixture(listen: "[::1]:0", handler: { .text($0.peerAddress) })
        #expect(
            try HTTPClient(port: fixture.server.port, host: "::1").get("/", headers: [("Host", "[::1]")]).text == "::1")
    }

    @Test("A Unix socket is served with the client's address from the proxy, open to owner and group only")
    func unixSocket() throws {
        let path = Self.temporaryPath()
        let fixture = try Fixture(listen: "unix:\(path)", handler: { .text("\($0.peerAddress) \($0.addressKey)") })
        #expect(fixture.server.port == 0)
        var about = stat()
        #expect(stat(path, &about) == 0 && about.st_mode & 0o777 == 0o660)

        let connection = try HTTPConnection(path: path)
        try connection.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(try connection.readAnswer().text == "local local")
        try connection.send("GET / HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 2001:db8::1\r\n\r\n")
        #expect(try connection.readAnswer().text == "2001:db8::1 2001:db8::/64")

        #expect(Self.failure("unix:\(path)") == .addressInUse("unix:\(path)"))
        fixture.server.stop(deadline: .zero)
        #expect(access(path, F_OK) != 0)
    }

    @Test("A socket that a dead server left is replaced; a file that is no socket is left alone")
    func leftover() throws {
        let path = Self.temporaryPath()
        defer { unlink(path) }
        let dead = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        var name = sockaddr_un()
        name.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &name.sun_path) { $0.copyBytes(from: path.utf8) }
        let code = withUnsafePointer(to: &name) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(dead, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        #expect(code == 0)
        close(dead)
        let fixture = try Fixture(listen: "unix:\(path)")
        let connection = try HTTPConnection(path: path)
        try connection.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(try connection.readAnswer().status == 200)
        fixture.server.stop(deadline: .zero)

        try "precious".write(toFile: path, atomically: false, encoding: .utf8)
        #expect(Self.failure("unix:\(path)") == .addressInUse("unix:\(path)"))
        #expect(try String(contentsOfFile: path, encoding: .utf8) == "precious")
    }
}
