import HTTPServer
import Support
import Testing

@Suite struct DeadlineTests {
    @Test(
        "A client that sends a byte now and then is cut by the absolute deadline",
        arguments: [
            "", "GET / HTTP/1.1\r\nHost: a\r\n", "GET / HTTP/1.1\r\nHost: a\r\nA: ",
            "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 60000\r\n\r\n",
        ])
    func drip(start: String) throws {
        let fixture = try Fixture { $0.requestDeadline = .milliseconds(300) }
        let connection = try fixture.connect()
        let clock = ContinuousClock()
        let time = try clock.measure { () throws in
            try connection.send(start)
            // The pace of a client that no idle timeout would catch.
            while !connection.isReadable(within: 20) {
                guard (try? connection.send("x")) != nil else { break }
            }
            #expect(try connection.isClosedByServer())
        }
        #expect(time > .milliseconds(290) && time < .seconds(5), "\(time)")
        #expect(fixture.served.isEmpty)
        #expect(fixture.reports([.deadlinePassed]))
    }

    @Test("A request line that comes late wins no time")
    func lateRequestLine() throws {
        let fixture = try Fixture { $0.requestDeadline = .milliseconds(1000) }
        let connection = try fixture.connect()
        let time = try ContinuousClock().measure { () throws in
            #expect(!connection.isReadable(within: 700))
            try connection.send("GET / HTTP/1.1\r\n")
            #expect(try connection.isClosedByServer())
        }
        #expect(time < .milliseconds(1600), "\(time)")
    }

    @Test("A connection that says nothing is closed, a new one and a used one")
    func idle() throws {
        let fixture = try Fixture { ($0.requestDeadline, $0.idleTimeout) = (.milliseconds(200), .milliseconds(200)) }
        let fresh = try fixture.connect()
        let used = try fixture.connect()
        try used.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(try used.readAnswer().status == 200)
        #expect(try fresh.isClosedByServer())
        #expect(try used.isClosedByServer())
    }

    @Test("Each request on a kept connection has its whole time")
    func notCutEarly() throws {
        let fixture = try Fixture { $0.requestDeadline = .milliseconds(400) }
        let connection = try fixture.connect()
        let end = ContinuousClock.now + .milliseconds(1200)
        var count = 0
        while ContinuousClock.now < end {
            try connection.send("GET / HTTP/1.1\r\nHost: a\r\n")
            _ = connection.isReadable(within: 100)
            try connection.send("\r\n")
            #expect(try connection.readAnswer().status == 200)
            count += 1
        }
        #expect(count > 3)
        #expect(fixture.incidents.isEmpty)
    }

    @Test("A handler that takes longer than the deadline is waited for")
    func slowHandler() throws {
        let fixture = try Fixture({ $0.requestDeadline = .milliseconds(100) }) { _ in
            let end = ContinuousClock.now + .milliseconds(400)
            while ContinuousClock.now < end {}
            return .text("done")
        }
        #expect(try fixture.client.get("/").text == "done")
    }

    @Test("A client that does not take its answer is cut")
    func slowReader() throws {
        let size = 32 << 20
        let fixture = try Fixture({ $0.requestDeadline = .milliseconds(300) }) { _ in
            .bytes([UInt8](repeating: 0, count: size), type: "application/octet-stream")
        }
        let connection = try fixture.connect()
        try connection.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(fixture.reports([.deadlinePassed]))
        #expect(try connection.readToEnd().count < size)
    }
}
