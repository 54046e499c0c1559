import HTTPServer
import Support
import Testing

/// A request that must be refused, and the status that must come back.
struct BadRequest: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let bytes: String
    let status: Int
    /// nil when libmicrohttpd refuses by itself.
    let error: RequestError?

    init(_ description: String, _ bytes: String, _ status: Int, _ error: RequestError?) {
        testDescription = description
        self.bytes = bytes
        self.status = status
        self.error = error
    }

    /// What a smuggler would put behind it.
    static let smuggled = "GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n"

    private static func get(_ target: String) -> String { "GET \(target) HTTP/1.1\r\nHost: a\r\n\r\n" }
    private static func header(_ line: String) -> String { "GET /x HTTP/1.1\r\nHost: a\r\n\(line)\r\n\r\n" }
    private static func post(_ lines: String) -> String { "POST /x HTTP/1.1\r\nHost: a\r\n\(lines)\r\n\r\nabcd" }

    static let all = [
        BadRequest("no Host", "GET /x HTTP/1.1\r\n\r\n", 400, .missingHost),
        BadRequest("two Hosts", header("Host: b"), 400, .repeatedHost),
        BadRequest("an empty Host", "GET /x HTTP/1.1\r\nHost:\r\n\r\n", 400, .malformedHost),
        BadRequest("a Host with a path", "GET /x HTTP/1.1\r\nHost: a/b\r\n\r\n", 400, .malformedHost),
        BadRequest("a bare LF after the request line", "GET /x HTTP/1.1\nHost: a\r\n\r\n", 400, .looseHead),
        BadRequest("a bare LF after a header", "GET /x HTTP/1.1\r\nHost: a\nA: b\r\n\r\n", 400, .looseHead),
        BadRequest("a bare LF after the last header", "GET /x HTTP/1.1\r\nHost: a\n\r\n", 400, .looseHead),
        BadRequest("a bare LF as the empty line", "GET /x HTTP/1.1\r\nHost: a\r\n\n", 400, .looseHead),
        BadRequest("bare LFs throughout", "GET /x HTTP/1.1\nHost: a\n\n", 400, .looseHead),
        BadRequest("a bare CR in a header", header("A: b\rHost: c"), 400, .malformedHeader),
        BadRequest("a folded line", header("A: b\r\n c"), 400, .looseHead),
        BadRequest("a folded line of blanks", header("A: b\r\n  "), 400, .looseHead),
        BadRequest("a folded line that completes another name", header("Content: 4\r\n -Length"), 400, .looseHead),
        BadRequest("a first header that is folded", "GET /x HTTP/1.1\r\n Host: a\r\n\r\n", 400, .malformedHeader),
        BadRequest("a space before the colon", header("A : b"), 400, .malformedHeader),
        BadRequest("a space before the colon of a length", post("Content-Length : 4"), 400, .malformedHeader),
        BadRequest("a header without a colon", header("A"), 400, nil),
        BadRequest("a header without a name", header(": a"), 400, .looseHead),
        BadRequest("a name that is not a token", header("A(b): c"), 400, .malformedHeader),
        BadRequest("a control character in a header", header("A: \u{1}"), 400, .malformedHeader),
        BadRequest("a NUL in a header value", header("A: b\0c"), 400, .looseHead),
        BadRequest("a NUL in a header name", header("A\0b: c"), 400, nil),
        BadRequest("a NUL that hides a header", header("A: b\0\r\nB: c"), 400, .looseHead),
        BadRequest("a NUL in the path", get("/x\0y"), 400, .looseHead),
        BadRequest("a NUL in the query", get("/x?a\0b"), 400, .looseHead),
        BadRequest("a NUL in the method", "G\0T /x HTTP/1.1\r\nHost: a\r\n\r\n", 400, .looseHead),
        BadRequest("two spaces in the request line", "GET  /x HTTP/1.1\r\nHost: a\r\n\r\n", 400, .looseHead),
        BadRequest("a space in the target", get("/x y"), 400, .malformedTarget),
        BadRequest("a tab in the target", get("/x\ty"), 400, .malformedTarget),
        BadRequest("an escaped NUL in the path", get("/x%00y"), 400, .malformedEncoding),
        BadRequest("an escaped NUL in the query", get("/x?a=%00"), 400, .malformedEncoding),
        BadRequest("an escaped line end in the path", get("/x%0d%0ay"), 400, .malformedEncoding),
        BadRequest("half an escape", get("/x%4"), 400, .malformedEncoding),
        BadRequest("an escape that is not hexadecimal", get("/x%zz"), 400, .malformedEncoding),
        BadRequest("an escape with a sign", get("/x%+1"), 400, .malformedEncoding),
        BadRequest("escaped bytes that are not UTF-8", get("/x%ff"), 400, .malformedEncoding),
        BadRequest("an overlong escape of a slash", get("/x%c0%af"), 400, .malformedEncoding),
        BadRequest("an escaped surrogate in the query", get("/x?a=%ed%a0%80"), 400, .malformedEncoding),
        BadRequest("letters outside ASCII in the target", get("/é"), 400, .malformedTarget),
        BadRequest("a fragment", get("/x#y"), 400, .malformedTarget),
        BadRequest("an absolute target", get("http://evil/x"), 400, .malformedTarget),
        BadRequest("a target without a slash", get("x"), 400, .malformedTarget),
        BadRequest("OPTIONS *", "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n", 400, .malformedTarget),
        BadRequest("CONNECT", "CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n", 400, .malformedTarget),
        BadRequest("no target", "GET HTTP/1.1\r\nHost: a\r\n\r\n", 400, nil),
        BadRequest("HTTP/0.9", "GET /x\r\n\r\n", 400, nil),
        BadRequest("HTTP/2.0", "GET /x HTTP/2.0\r\nHost: a\r\n\r\n", 505, nil),
        BadRequest("two different lengths", post("Content-Length: 4\r\nContent-Length: 0"), 400, .ambiguousLength),
        BadRequest("the same length twice", post("Content-Length: 4\r\nContent-Length: 4"), 400, .ambiguousLength),
        BadRequest("a length as a list", post("Content-Length: 4, 4"), 400, nil),
        BadRequest("a length with a sign", post("Content-Length: +4"), 400, nil),
        BadRequest("a negative length", post("Content-Length: -4"), 400, nil),
        BadRequest("a hexadecimal length", post("Content-Length: 0x4"), 400, nil),
        BadRequest("an empty length", post("Content-Length:"), 400, nil),
        BadRequest("a length beyond 64 bits", post("Content-Length: 99999999999999999999"), 413, nil),
        BadRequest(
            "a length and chunks", post("Content-Length: 4\r\nTransfer-Encoding: chunked"), 400, .ambiguousLength),
        BadRequest(
            "chunks and a length", post("Transfer-Encoding: chunked\r\nContent-Length: 4"), 400, .ambiguousLength),
        BadRequest("chunks", post("Transfer-Encoding: chunked"), 411, .lengthRequired),
        BadRequest("an unknown transfer coding", post("Transfer-Encoding: xchunked"), 501, .unknownTransferCoding),
        BadRequest("two transfer codings", post("Transfer-Encoding: gzip, chunked"), 501, .unknownTransferCoding),
        BadRequest(
            "chunked twice", post("Transfer-Encoding: chunked\r\nTransfer-Encoding: identity"), 501,
            .unknownTransferCoding),
        BadRequest("chunks behind a tab", post("Transfer-Encoding:\tchunked"), 411, .lengthRequired),
        BadRequest("a body one byte too large", post("Content-Length: 65537"), 413, .bodyTooLarge),
        BadRequest("a body of 3 MB", post("Content-Length: 3000000"), 413, .bodyTooLarge),
        BadRequest("a target too long", get("/" + String(repeating: "x", count: 4096)), 414, .targetTooLong),
        BadRequest("a target longer than the memory", get("/" + String(repeating: "x", count: 50_000)), 414, nil),
        BadRequest("headers too large", header("A: " + String(repeating: "x", count: 8192)), 431, .headTooLarge),
        BadRequest("a header of 40 kB", header("A: " + String(repeating: "x", count: 40_000)), 431, nil),
    ]
}

@Suite struct BadRequestTests {
    @Test(
        "A bad request gets its status and a closed connection, and what follows it is never served",
        arguments: BadRequest.all)
    func refused(_ bad: BadRequest) throws {
        let fixture = try Fixture()
        let answer = try fixture.exchange(bad.bytes + BadRequest.smuggled)
        #expect(answer.hasPrefix("HTTP/1.1 \(bad.status) "), "\(answer)")
        #expect(answer.contains("\r\nConnection: close\r\n"))
        #expect(!answer.contains("HTTP/1.1 200"))
        #expect(fixture.served.isEmpty)
        if let error = bad.error {
            #expect(fixture.incidents == [.refused(error)])
            #expect(answer.hasSuffix("<h1>\(bad.status)</h1>"))
        }
    }
}
