import Foundation
import HTTPServer
import Support
import Testing

/// Requests that take long are answered by workers, so that nobody else waits for them.
@Suite struct WorkerTests {
    /// Here those are POSTs: they say that the handler has begun and wait to be let go.
    private final class Gate: Sendable {
        let entered = DispatchSemaphore(value: 0)
        let released = DispatchSemaphore(value: 0)

        var handler: @Sendable (Request) -> Response {
            { request in
                if request.method == .post {
                    self.entered.signal()
                    self.released.wait()
                }
                return .text("\(request.path) \(request.body.count)")
            }
        }
    }

    private func fixture(_ gate: Gate, _ change: (inout ServerSettings) -> Void = { _ in }) throws -> Fixture {
        try Fixture(
            { settings in
                settings.takesLong = { $0.method == .post }
                change(&settings)
            }, handler: gate.handler)
    }

    private static func post(_ path: String, body: String = "") -> String {
        "POST \(path) HTTP/1.1\r\nHost: a\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)"
    }

    @Test("Connections of one event loop, kept and new, are served while a worker is busy for another of them")
    func loopStaysFree() throws {
        let gate = Gate()
        let fixture = try fixture(gate) { $0.threads = 1 }
        let kept = fixture.client
        #expect(try kept.get("/").status == 200)
        let slow = try fixture.connect()
        try slow.send(Self.post("/slow", body: "body"))
        gate.entered.wait()
        for _ in 0..<20 {
            #expect(try kept.get("/kept").text == "/kept 0")
            #expect(try fixture.client.get("/new").text == "/new 0")
        }
        gate.released.signal()
        #expect(try slow.readAnswer().text == "/slow 4")
        // The connection serves on, whoever answers.
        try slow.send("GET /again HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(try slow.readAnswer().text == "/again 0")
    }

    @Test("More requests than workers wait for their turn, and each is answered")
    func queue() throws {
        let gate = Gate()
        let fixture = try fixture(gate) { ($0.threads, $0.workers) = (2, 2) }
        let connections = try (0..<6).map { index in
            let connection = try fixture.connect()
            try connection.send(Self.post("/\(index)"))
            if index < 2 { gate.entered.wait() }
            return connection
        }
        #expect(try fixture.client.get("/quick").text == "/quick 0")
        #expect(!fixture.served.contains("/2"))
        for _ in connections { gate.released.signal() }
        for (index, connection) in connections.enumerated() {
            #expect(try connection.readAnswer().text == "/\(index) 0")
        }
    }

    @Test("What comes behind an unanswered request on its connection waits for that one's answer")
    func pipeline() throws {
        let gate = Gate()
        let fixture = try fixture(gate)
        let connection = try fixture.connect()
        try connection.send(Self.post("/first") + "GET /second HTTP/1.1\r\nHost: a\r\n\r\n")
        gate.entered.wait()
        #expect(!connection.isReadable(within: 50))
        gate.released.signal()
        #expect(try connection.readAnswer().text == "/first 0")
        #expect(try connection.readAnswer().text == "/second 0")
    }

    @Test("A client that goes away meanwhile costs nobody anything")
    func gone() throws {
        let gate = Gate()
        let fixture = try fixture(gate) { $0.threads = 1 }
        for _ in 0..<20 {
            var connection: HTTPConnection? = try fixture.connect()
            try connection?.send(Self.post("/"))
            gate.entered.wait()
            connection = nil
            gate.released.signal()
        }
        #expect(try fixture.client.get("/").text == "/ 0")
        #expect(fixture.server.stop(deadline: .seconds(30)))
    }

    @Test("A stop finishes what workers are at and what waits for them")
    func stop() throws {
        let gate = Gate()
        let fixture = try fixture(gate) { $0.workers = 1 }
        let connections = try (0..<3).map { index in
            let connection = try fixture.connect()
            // Whom the server has answered once it has let in.
            try connection.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(try connection.readAnswer().status == 200)
            try connection.send(Self.post("/\(index)"))
            if index == 0 { gate.entered.wait() }
            return connection
        }
        Thread.detachNewThread {
            _ = eventually { (try? fixture.connect()) == nil }
            for _ in 0..<3 { gate.released.signal() }
        }
        #expect(fixture.server.stop(deadline: .seconds(30)))
        for connection in connections { #expect(try connection.readAnswer().status == 200) }
    }

    @Test("What no worker has begun with when the time is up is cut and never begun with")
    func stopCuts() throws {
        let gate = Gate()
        let fixture = try fixture(gate) { $0.workers = 1 }
        let (begun, queued) = (try fixture.connect(), try fixture.connect())
        try begun.send(Self.post("/begun"))
        gate.entered.wait()
        try queued.send(Self.post("/queued"))
        #expect(try fixture.client.get("/").status == 200)
        #expect(!fixture.server.stop(deadline: .milliseconds(100)))
        #expect(try queued.isClosedByServer())
        gate.released.signal()
        #expect(try begun.readAnswer().text == "/begun 0")
        #expect(fixture.served.filter { $0 != "/" } == ["/begun"])
    }
}
