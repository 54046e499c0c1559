import HTTPServer
import Support
import Testing

@Suite struct ResponseTests {
    @Test(
        "A header that could split the answer, or say where it ends, is never sent: 500 is",
        arguments: [
            ("X-Name", "a\r\nSet-Cookie: evil=1"), ("X-Name", "a\nevil"), ("X-Name", "a\revil"), ("X-Name", "a\0evil"),
            ("X-Name", ""), ("X-\r\nevil", "a"), ("X Name", "a"), ("", "a"), ("Content-Length", "5"),
            ("Transfer-Encoding", "chunked"), ("connection", "keep-alive"), ("Date", "evil"),
        ])
    func splitting(_ name: String, _ value: String) throws {
        let fixture = try Fixture(handler: { _ in
            var response = Response.text("evil")
            response.set(name, value)
            response.set("X-Later", "evil")
            return response
        })
        let answer = try fixture.exchange("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        #expect(answer.hasPrefix("HTTP/1.1 500 "))
        #expect(!answer.contains("evil"))
        #expect(fixture.incidents == [.faultyResponse(name)])
    }

    @Test("A status that is no final answer is never sent: 500 is", arguments: [0, 99, 101, 102, 199, 600, -1])
    func status(_ status: Int) throws {
        let fixture = try Fixture(handler: { _ in .text("evil", status: status) })
        #expect(try fixture.client.get("/").status == 500)
        #expect(fixture.incidents == [.faultyResponse("status")])
    }

    @Test("When even the error page is faulty, a plain 500 is sent")
    func faultyErrorPage() throws {
        let faulty: @Sendable () -> Response = {
            var response = Response.text("evil")
            response.set("X", "\n")
            return response
        }
        let server = try Server(
            configuration: ServerSettings(listen: "127.0.0.1:0"), errorPage: { _, _ in faulty() },
            handler: { _ in faulty() })
        let answer = try HTTPClient(port: server.port).get("/")
        #expect(answer.status == 500)
        #expect(answer.text == "500 Internal Server Error\n")
    }

    @Test("The ways to make an answer set status, type and body")
    func constructors() {
        #expect(Response.html("<p>").headers["Content-Type"] == "text/html; charset=utf-8")
        #expect(Response.text("t", status: 418).status == 418)
        #expect(Response.json("{}").headers["Content-Type"] == "application/json")
        #expect(Response.bytes([1, 2], type: "image/png").body == [1, 2])
        let redirect = Response.redirect(to: "/reset/sent?lang=id")
        #expect(redirect.status == 303)
        #expect(redirect.headers["location"] == "/reset/sent?lang=id")
        #expect(Response.redirect(to: "/\r\nX: y").error == "Location")
    }

    @Test("Setting a header replaces it, adding keeps both")
    func setAndAdd() {
        var response = Response(status: 200)
        response.set("A", "1")
        response.set("a", "2")
        response.add("B", "3")
        response.add("B", "4")
        #expect(response.headers.values("A") == ["2"])
        #expect(response.headers.values("b") == ["3", "4"])
    }

    @Test("A cookie is Secure, HttpOnly, for this host")
    func cookie() throws {
        var response = Response(status: 200)
        response.set(Cookie("__Host-session", "abc", sameSite: .strict, maxAge: 60))
        response.set(.removing("old"))
        #expect(
            response.headers.values("set-cookie") == [
                "__Host-session=abc; Path=/; Max-Age=60; Secure; HttpOnly; SameSite=Strict",
                "old=; Path=/; Max-Age=0; Secure; HttpOnly; SameSite=Lax",
            ])
        #expect(response.error == nil)
    }

    @Test(
        "A cookie that a browser would read as something else makes the answer faulty",
        arguments: [
            ("a", "b; Domain=evil"), ("a", "b c"), ("a", "b,c"), ("a", "\"b\""), ("a", "b\\"), ("a", "é"),
            ("a", "b\r\nX: y"), ("a=b", "c"), ("", "c"), ("a;b", "c"),
        ])
    func badCookie(_ name: String, _ value: String) {
        var response = Response(status: 200)
        response.set(Cookie(name, value))
        #expect(response.error == "Set-Cookie")
        #expect(response.headers.isEmpty)
    }

    @Test("A __Host- cookie is for the whole host")
    func hostCookie() {
        var cookie = Cookie("__Host-a", "b")
        cookie.path = "/reset"
        var response = Response(status: 200)
        response.set(cookie)
        #expect(response.error == "Set-Cookie")
    }

    @Test("Several cookies arrive as several headers, and come back")
    func roundTrip() throws {
        let fixture = try Fixture(handler: { request in
            var response = Response.text(request.cookies.pairs.map { "\($0.name)=\($0.value)" }.joined(separator: ","))
            response.set(Cookie("one", "1"))
            response.set(Cookie("two", "2"))
            return response
        })
        let client = fixture.client
        #expect(try client.get("/").text == "")
        #expect(try client.get("/").text == "one=1,two=2")
    }
}
