import HTTPServer
import Support
import Testing

/// A request that HTTP/1.1 allows and that must be served.
struct GoodRequest: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let bytes: String

    init(_ description: String, _ bytes: String) {
        testDescription = description
        self.bytes = bytes
    }

    static let all = [
        GoodRequest("the least", "GET /x HTTP/1.1\r\nHost: a\r\n\r\n"),
        GoodRequest("HTTP/1.0 without a Host", "GET /x HTTP/1.0\r\n\r\n"),
        GoodRequest("empty lines before it", "\r\n\r\nGET /x HTTP/1.1\r\nHost: a\r\n\r\n"),
        GoodRequest("no space after the colon", "GET /x HTTP/1.1\r\nHost:a\r\n\r\n"),
        GoodRequest("tabs and spaces around the value", "GET /x HTTP/1.1\r\nHost: \t a \t\r\n\r\n"),
        GoodRequest("an empty value", "GET /x HTTP/1.1\r\nA:\r\nHost: a\r\nB: \r\n\r\n"),
        GoodRequest("a name in other case", "GET /x HTTP/1.1\r\nhOST: a\r\n\r\n"),
        GoodRequest("a Host with a port", "GET /x HTTP/1.1\r\nHost: reset.example.org:8443\r\n\r\n"),
        GoodRequest("an IPv6 Host", "GET /x HTTP/1.1\r\nHost: [::1]:8080\r\n\r\n"),
        GoodRequest("UTF-8 in a value", "GET /x HTTP/1.1\r\nHost: a\r\nA: Grüße\r\n\r\n"),
        GoodRequest("a repeated header", "GET /x HTTP/1.1\r\nHost: a\r\nA: b\r\nA: c\r\n\r\n"),
        GoodRequest("a query", "GET /x?a=1&b=%20+c&&d HTTP/1.1\r\nHost: a\r\n\r\n"),
        GoodRequest("an empty query", "GET /x? HTTP/1.1\r\nHost: a\r\n\r\n"),
        GoodRequest("an escaped letter", "GET /%78 HTTP/1.1\r\nHost: a\r\n\r\n"),
        GoodRequest("an empty body", "POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n"),
        GoodRequest("a body", "POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nabcd"),
        GoodRequest("a body with GET", "GET /x HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nabcd"),
        GoodRequest(
            "the largest body",
            "POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 65536\r\n\r\n" + String(repeating: "x", count: 65536)),
        GoodRequest(
            "a head of almost 8 kB", "GET /x HTTP/1.1\r\nHost: a\r\nA: \(String(repeating: "x", count: 8140))\r\n\r\n"),
        GoodRequest(
            "a hundred headers",
            "GET /x HTTP/1.1\r\nHost: a\r\n" + (0..<100).map { "Name-\($0): value \($0)\r\n" }.joined() + "\r\n"),
    ]
}

@Suite struct GoodRequestTests {
    @Test("A good request is served", arguments: GoodRequest.all)
    func served(_ good: GoodRequest) throws {
        let fixture = try Fixture(handler: { .text($0.segments.joined(separator: "/")) })
        let connection = try fixture.connect()
        try connection.send(good.bytes)
        let answer = try connection.readAnswer()
        #expect(answer.status == 200)
        #expect(answer.text == "x")
        #expect(fixture.incidents.isEmpty)
    }

    @Test(
        "Requests in pieces of any size, one behind the other, are all served", arguments: [1, 7, 100, 1000, 100_000])
    func pieces(size: Int) throws {
        let fixture = try Fixture(handler: { .text(String($0.headers.fields.count + $0.body.count)) })
        let headers = (0..<60).map { "Name-\($0): \(String(repeating: "v", count: 80))\r\n" }.joined()
        let body = String(repeating: "b", count: size == 1 ? 100 : 20_000)
        let request = "POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: \(body.utf8.count)\r\n\(headers)\r\n\(body)"
        let connection = try fixture.connect()
        var rest = Array((request + request + request).utf8)[...]
        while !rest.isEmpty {
            try connection.send(rest.prefix(size))
            rest = rest.dropFirst(size)
        }
        for _ in 0..<3 {
            #expect(try connection.readAnswer().text == String(62 + body.utf8.count))
        }
    }

    @Test("A request arrives whole: method, path, query, headers, cookies, body")
    func whole() throws {
        let fixture = try Fixture(handler: { request in
            #expect(request.method == .post)
            #expect(request.path == "/a%20b/c%2Fd/")
            #expect(request.segments == ["a b", "c/d", ""])
            #expect(request.query.pairs == [Field(name: "q", value: "1 2"), Field(name: "r", value: "")])
            #expect(request.headers["x-TEST"] == "one")
            #expect(request.headers.values("X-Test") == ["one", "two"])
            #expect(request.cookies.pairs == [Field(name: "k", value: "v=w"), Field(name: "l", value: "")])
            return .bytes(request.body.reversed(), type: "application/octet-stream")
        })
        let answer = try fixture.client.post(
            "/a%20b/c%2Fd/?q=1+2&r", type: "text/plain", body: [1, 0, 255],
            headers: [("X-Test", "one"), ("X-Test", "two"), ("Cookie", "k=v=w; junk;  l=")])
        #expect(answer.body == [255, 0, 1])
    }

    @Test("A connection is kept, and requests sent ahead are answered in order")
    func pipelining() throws {
        let fixture = try Fixture()
        let connection = try fixture.connect()
        try connection.send(["/1", "/2", "/3"].map { "GET \($0) HTTP/1.1\r\nHost: a\r\n\r\n" }.joined())
        #expect(try (1...3).map { _ in try connection.readAnswer().text } == ["/1", "/2", "/3"])
        try connection.send("GET /4 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        #expect(try connection.readAnswer().header("Connection") == "close")
        #expect(try connection.isClosedByServer())
    }

    @Test("A client that asks first is told to continue, or refused at once")
    func expectContinue() throws {
        let fixture = try Fixture(handler: { .text(String(decoding: $0.body, as: UTF8.self)) })
        let connection = try fixture.connect()
        try connection.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n")
        #expect(try connection.readAnswer().status == 100)
        try connection.send("body")
        #expect(try connection.readAnswer().text == "body")
        try connection.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 70000\r\nExpect: 100-continue\r\n\r\n")
        #expect(try connection.readAnswer().status == 413)
    }

    @Test("HEAD is answered like GET, without the body")
    func head() throws {
        let fixture = try Fixture(handler: { _ in .html("twelve bytes") })
        let connection = try fixture.connect()
        var answers: [HTTPAnswer] = []
        for method in ["HEAD", "GET"] {
            try connection.send("\(method) / HTTP/1.1\r\nHost: a\r\n\r\n")
            answers.append(try connection.readAnswer(isHead: method == "HEAD"))
        }
        #expect(answers[0].status == answers[1].status)
        #expect(answers[0].body.isEmpty)
        #expect(answers[1].text == "twelve bytes")
        for name in ["Content-Length", "Content-Type"] {
            #expect(answers[0].header(name) == answers[1].header(name))
        }
        #expect(answers[0].header("Content-Length") == "12")
    }

    @Test("A body of 3 MB is refused before it is read")
    func largeBody() throws {
        let fixture = try Fixture()
        let answer = try fixture.client.post("/", form: [("value", String(repeating: "x", count: 3_000_000))])
        #expect(answer.status == 413)
        #expect(answer.header("Connection") == "close")
        #expect(fixture.served.isEmpty)
    }

    @Test("A query with more fields than allowed is refused, however many there are", arguments: [51, 1000, 4000])
    func longQuery(count: Int) throws {
        let fixture = try Fixture {
            $0.maxHeadBytes = 16 * 1024; $0.maxTargetBytes = 16 * 1024
        }
        let answer = try fixture.client.get("/?" + String(repeating: "a&", count: count))
        #expect(answer.status == 400)
        #expect(fixture.incidents == [.refused(.tooManyFields)])
    }

    @Test("Answers have a date and name no software")
    func banner() throws {
        let fixture = try Fixture()
        let answer = try fixture.client.get("/")
        #expect(answer.header("Date")?.hasSuffix(" GMT") == true)
        #expect(answer.header("Server") == nil)
        #expect(!(try fixture.exchange("nonsense\r\n\r\n").lowercased().contains("microhttpd")))
    }
}
