import Support
import Testing

@Suite struct JSONEndpointTests {
    @Test(arguments: [
        "HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\n{\"a\": [1]} and more",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n4;x=y\r\n{\"a\"\r\n06\r\n: [1]}\r\n0\r\n\r\n",
        "HTTP/1.0 200\r\n\r\n{\"a\": [1]}",
    ])
    func `an answer with a length, in chunks or up to the end is read`(answer: String) throws {
        let server = try OneAnswer(answer)
        let received = try JSONEndpoint(port: server.port).send("POST", "/x", ["text": "é\u{0}", "number": 1])
        #expect(received.status == 200)
        #expect(received.body["a"] == [1])
        let request = try server.process.waitForLine(matching: /request (.*)/).1
        #expect(request.hasPrefix("POST /x HTTP/1.1"))
        #expect(request.contains(#""text":"é\u0000""#))
    }

    @Test(arguments: [
        "HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\n{\"a\": [1]}",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", "no HTTP\r\n\r\n", "",
    ])
    func `a broken answer is an error`(answer: String) throws {
        let server = try OneAnswer(answer)
        #expect(throws: SupportFailure.self) { try JSONEndpoint(port: server.port).send("GET", "/") }
    }

    @Test func `a silent server is an error after the timeout`() throws {
        let server = try OneAnswer("SILENCE")
        let endpoint = JSONEndpoint(port: server.port, timeout: .milliseconds(100))
        #expect(throws: SupportFailure.self) { try endpoint.send("GET", "/") }
    }
}

/// A server that reads one request, gives the same answer whatever was asked, and ends.
private struct OneAnswer {
    let process: Subprocess
    let port: UInt16

    init(_ answer: String) throws {
        process = try Subprocess("/usr/bin/python3", ["-u", "-c", Self.program, answer])
        port = try #require(UInt16(process.waitForLine(matching: /^port (\d+)/).1))
    }

    private static let program = #"""
        import signal, socket, sys
        listener = socket.create_server(("127.0.0.1", 0))
        print("port", listener.getsockname()[1])
        connection = listener.accept()[0]
        request = b""
        while not request.endswith(b"}") and not request.startswith(b"GET"):
            request += connection.recv(65536)
        print("request", request.decode().replace("\r\n", " "))
        if sys.argv[1] == "SILENCE":
            signal.pause()
        connection.sendall(sys.argv[1].encode())
        """#
}
