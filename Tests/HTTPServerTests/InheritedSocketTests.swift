import Foundation
import HTTPServer
import Support
import Testing
import Threading

/// Sockets that somebody else bound and keeps, as a service manager does.
@Suite struct InheritedSocketTests {
    /// A listening socket on a free port, kept as long as the value.
    private final class Keeper: Sendable {
        let descriptor: Int32
        let port: UInt16

        init() throws {
            descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
            var name = sockaddr_in()
            name.sin_family = sa_family_t(AF_INET)
            name.sin_addr.s_addr = inet_addr("127.0.0.1")
            var size = socklen_t(MemoryLayout<sockaddr_in>.size)
            let descriptor = descriptor
            let code = withUnsafeMutablePointer(to: &name) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    bind(descriptor, $0, size) + listen(descriptor, 64) + getsockname(descriptor, $0, &size)
                }
            }
            try #require(code == 0)
            port = UInt16(bigEndian: name.sin_port)
        }

        deinit { close(descriptor) }

        /// A server with a socket of its own number for the same queue, as each process of a service has.
        func serve(
            _ change: (inout ServerSettings) -> Void = { _ in },
            handler: @escaping @Sendable (Request) -> Response = { .text($0.path) }
        ) throws -> Fixture {
            try Fixture(
                {
                    $0.inherited = dup(descriptor)
                    change(&$0)
                }, handler: handler)
        }
    }

    @Test("Who connects after the stop waits and is served by the next server, again and again")
    func handOver() throws {
        let keeper = try Keeper()
        for round in 0..<20 {
            let before = try keeper.serve()
            #expect(try HTTPClient(port: keeper.port).get("/\(round)").text == "/\(round)")
            #expect(before.server.stop(deadline: .seconds(5)))
            let waiting = try HTTPConnection(port: keeper.port)
            try waiting.send("GET /waited HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(!waiting.isReadable(within: 0))
            let after = try keeper.serve()
            #expect(try waiting.readAnswer().text == "/waited")
            #expect(after.server.stop(deadline: .seconds(5)))
        }
    }

    @Test("Clients that connect for each request notice nothing while servers take turns")
    func underLoad() throws {
        let keeper = try Keeper()
        let (isOver, answered) = (Monitor(false), Monitor(0))
        let port = keeper.port
        let server = Monitor<Fixture?>(try keeper.serve())
        inParallel(5) { worker in
            guard worker > 0 else {
                for turn in 1...10 {
                    #expect(answered.wait(timeout: .seconds(10)) { $0 >= turn * 40 ? true : nil } == true)
                    let old = server.withLock { $0.take() }
                    #expect(old?.server.stop(deadline: .seconds(10)) == true)
                    let next = try? keeper.serve()
                    server.withLock { $0 = next }
                }
                return isOver.withLock { $0 = true }
            }
            while !isOver.withLock({ $0 }) {
                let status = Result { try HTTPClient(port: port).get("/", headers: [("Connection", "close")]).status }
                #expect((try? status.get()) == 200, "\(status)")
                answered.withLock { $0 += 1 }
            }
        }
    }

    @Test("A full server leaves newcomers to another process with the same socket")
    func overflow() throws {
        let keeper = try Keeper()
        let full = try keeper.serve { ($0.threads, $0.maxConnections) = (1, 1) }
        let kept = try HTTPConnection(port: keeper.port)
        try kept.send("GET /kept HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(try kept.readAnswer().text == "/kept")
        let other = try keeper.serve(handler: { _ in .text("other") })
        #expect(try HTTPClient(port: keeper.port).get("/").text == "other")
        #expect(full.served == ["/kept"] && other.served == ["/"])
    }

    @Test("A socket that was shut down is told once and keeps no core busy")
    func shutDown() throws {
        let keeper = try Keeper()
        let fixture = try keeper.serve()
        shutdown(keeper.descriptor, Int32(SHUT_RDWR))
        #expect(fixture.reports([.cannotAccept(errno: EINVAL)]))
        #expect(fixture.server.stop(deadline: .seconds(5)))
        #expect(fixture.incidents.count == 1)
    }
}
