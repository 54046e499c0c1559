import Foundation
import HTTPServer
import Support
import Testing

@Suite struct ConnectionLimitTests {
    @Test("A thousand connections that say nothing, or half a request, hold nobody else up")
    func thousand() throws {
        // Both ends of every connection are in this process.
        var limit = rlimit()
        getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        limit.rlim_cur = min(limit.rlim_max, 8192)
        setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)

        let fixture = try Fixture {
            $0.maxConnectionsPerAddress = 2000
            $0.requestDeadline = .seconds(60)
        }
        let idle = try (0..<1000).map { index in
            let connection = try fixture.connect()
            if index.isMultiple(of: 2) { try connection.send("GET / HTTP/1.1\r\nHost: a\r\n") }
            return connection
        }
        let time = try ContinuousClock().measure { () throws in
            for _ in 0..<20 { #expect(try fixture.client.get("/").status == 200) }
        }
        #expect(time < .seconds(5), "\(time)")
        #expect(idle.count == 1000)
    }

    @Test("One address gets only so many connections, and gets them back")
    func perAddress() throws {
        let fixture = try Fixture { $0.maxConnectionsPerAddress = 3 }
        var kept = try (0..<3).map { _ throws in
            let connection = try fixture.connect()
            try connection.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(try connection.readAnswer().status == 200)
            return connection
        }
        #expect(try fixture.connect().isClosedByServer())
        #expect(fixture.reports([.tooManyConnections]))
        kept.removeLast()
        #expect(eventually { (try? fixture.client.get("/").status) == 200 })
    }

    @Test("A server that has no place left for this machine still shows that it is alive")
    func selfCheck() throws {
        let fixture = try Fixture { $0.maxConnectionsPerAddress = 1 }
        let kept = try fixture.connect()
        try kept.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(try kept.readAnswer().status == 200)
        #expect(fixture.server.answers(within: .seconds(5)))
        #expect(fixture.reports([.tooManyConnections]))
    }

    @Test("A trusted proxy has no such limit")
    func proxy() throws {
        let fixture = try Fixture {
            $0.maxConnectionsPerAddress = 1
            $0.trustedProxies = ["127.0.0.1"]
        }
        let clients = (0..<5).map { _ in fixture.client }
        for client in clients { #expect(try client.get("/").status == 200) }
    }

    @Test("At the limit for all, a new connection waits for a place")
    func total() throws {
        let fixture = try Fixture { ($0.threads, $0.maxConnections, $0.idleTimeout) = (2, 2, .milliseconds(300)) }
        let kept = try (0..<2).map { _ throws in
            let client = fixture.client
            #expect(try client.get("/").status == 200)
            return client
        }
        #expect(try fixture.client.get("/").status == 200)
        #expect(kept.count == 2)
    }

    @Test("A new connection is served by a thread that is free, however many connections the others hold")
    func freeThread() throws {
        let (entered, released) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
        let fixture = try Fixture {
            $0.threads = 4
        } handler: { request in
            if request.path == "/slow" {
                entered.signal()
                released.wait()
            }
            return .text(request.path)
        }
        let slow = try (0..<3).map { _ throws in
            let connection = try fixture.connect()
            try connection.send("GET /slow HTTP/1.1\r\nHost: a\r\n\r\n")
            entered.wait()
            return connection
        }
        for _ in 0..<20 { #expect(try fixture.client.get("/quick").text == "/quick") }
        // With every thread at work a new connection waits for the first that is free.
        let last = try fixture.connect()
        try last.send("GET /slow HTTP/1.1\r\nHost: a\r\n\r\n")
        entered.wait()
        let waiting = try fixture.connect()
        try waiting.send("GET /quick HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(!waiting.isReadable(within: 100))
        released.signal()
        #expect(try waiting.readAnswer().text == "/quick")
        for _ in slow { released.signal() }
        for connection in slow + [last] { #expect(try connection.readAnswer().text == "/slow") }
    }

    @Test("Handlers run at once on several threads, each answer going to whoever asked")
    func concurrent() throws {
        let fixture = try Fixture { $0.maxConnectionsPerAddress = 1000 }
        inParallel(8) { worker in
            let client = fixture.client
            for index in 0..<100 {
                let target = "/\(worker)/\(index)"
                #expect((try? client.get(target).text) == target)
            }
        }
        #expect(fixture.served.count == 800)
    }
}
