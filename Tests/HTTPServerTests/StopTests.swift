import Foundation
import HTTPServer
import Support
import Threading
import Testing

@Suite struct StopTests {
    /// A handler that says when it is entered and waits to be let go.
    private final class Gate: Sendable {
        let entered = DispatchSemaphore(value: 0)
        let released = DispatchSemaphore(value: 0)

        var handler: @Sendable (Request) -> Response {
            { _ in
                self.entered.signal()
                self.released.wait()
                return .text("finished")
            }
        }
    }

    @Test("A request in flight is finished, newcomers are refused, and the connection is closed")
    func inFlight() throws {
        let gate = Gate()
        let fixture = try Fixture(handler: gate.handler)
        let connection = try fixture.connect()
        try connection.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        gate.entered.wait()
        let isRefused = Monitor(false)
        Thread.detachNewThread {
            let refused = eventually { (try? fixture.connect()) == nil }
            isRefused.withLock { $0 = refused }
            gate.released.signal()
        }
        #expect(fixture.server.stop(deadline: .seconds(30)))
        #expect(isRefused.withLock { $0 })
        let answer = try connection.readAnswer()
        #expect(answer.text == "finished")
        #expect(answer.header("Connection") == "close")
        #expect(try connection.isClosedByServer())
        #expect(throws: HTTPClientError.notConnected(errno: ECONNREFUSED)) { try fixture.connect() }
    }

    @Test("Idle connections are closed and hold nothing up")
    func idle() throws {
        let fixture = try Fixture()
        let client = fixture.client
        #expect(try client.get("/").status == 200)
        let silent = try fixture.connect()
        let time = ContinuousClock().measure { #expect(fixture.server.stop(deadline: .seconds(30))) }
        #expect(time < .seconds(5), "\(time)")
        #expect(try silent.isClosedByServer())
    }

    @Test("Who connected before the stop and sends its request only then is answered")
    func lateRequest() throws {
        let gate = Gate()
        let fixture = try Fixture({ $0.newcomerPatience = .seconds(30) }, handler: gate.handler)
        // In this order: once the one is at the handler, the other has been taken from the kernel's queue.
        let late = try fixture.connect()
        let early = try fixture.connect()
        try early.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        gate.entered.wait()
        let isQuiet = Monitor<Bool?>(nil)
        Thread.detachNewThread {
            let result = fixture.server.stop(deadline: .seconds(30))
            isQuiet.withLock { $0 = result }
        }
        // The stop has begun when nobody is let in.
        #expect(eventually { (try? fixture.connect()) == nil })
        try late.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        for _ in 0..<2 { gate.released.signal() }
        for connection in [early, late] { #expect(try connection.readAnswer().text == "finished") }
        #expect(isQuiet.wait(timeout: .seconds(30)) { $0 } == true)
    }

    @Test("A half-sent request holds the stop no longer than its deadline")
    func halfSent() throws {
        let fixture = try Fixture()
        let connection = try fixture.connect()
        try connection.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n")
        #expect(try connection.readAnswer().status == 100)
        let time = ContinuousClock().measure { #expect(fixture.server.stop(deadline: .milliseconds(200))) }
        #expect(time > .milliseconds(190) && time < .milliseconds(1100), "\(time)")
        #expect(try connection.isClosedByServer())
        #expect(fixture.served.isEmpty)
    }

    @Test("A handler that does not come back is reported, not waited for")
    func stuck() throws {
        let gate = Gate()
        let fixture = try Fixture(handler: gate.handler)
        let connection = try fixture.connect()
        try connection.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        gate.entered.wait()
        #expect(!fixture.server.stop(deadline: .milliseconds(100)))
        gate.released.signal()
        #expect(try connection.readAnswer().text == "finished")
    }

    @Test("Under load, again and again, whatever the handler has done the client has been told")
    func underLoad() throws {
        for _ in 0..<20 {
            let fixture = try Fixture()
            let told = Monitor(0)
            inParallel(5) { worker in
                guard worker > 0 else {
                    #expect(fixture.hasServed(51))
                    #expect(fixture.server.stop(deadline: .seconds(10)))
                    return
                }
                let client = fixture.client
                while (try? client.get("/"))?.status == 200 { told.withLock { $0 += 1 } }
            }
            #expect(told.withLock { $0 } == fixture.served.count)
        }
    }

    @Test("Stopping twice does no harm")
    func twice() throws {
        let fixture = try Fixture()
        #expect(fixture.server.stop(deadline: .zero))
        #expect(fixture.server.stop(deadline: .zero))
    }
}
