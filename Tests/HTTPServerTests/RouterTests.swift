import HTTPServer
import Testing

@Suite struct RouterTests {
    private static let router: Router = {
        var router = Router(errorPage: { status, request in .text("\(status) \(request?.path ?? "")", status: status) })
        router.get("/") { _, _ in .text("front") }
        router.get("/reset") { _, _ in .text("form") }
        router.post("/reset", takesLong: true) { _, _ in .text("posted") }
        router.get("/reset/sent") { _, _ in .text("sent") }
        router.get("/reset/{token}") { _, parameters in .text("token \(parameters["token"])\(parameters["other"])") }
        router.post("/reset/{token}/cancel") { _, parameters in .text("cancel \(parameters["token"])") }
        router.post("/{any}/sent") { _, _ in .text("any") }
        return router
    }()

    private static func answer(_ method: String, _ target: String) throws -> Response {
        router.answer(try Request(method: Method(method), target: target))
    }

    @Test(
        "Method and path find their handler",
        arguments: [
            ("GET", "/", "front"),
            ("GET", "/?lang=id", "front"),
            ("HEAD", "/reset", "form"),
            ("POST", "/reset", "posted"),
            ("GET", "/%72eset", "form"),
            ("GET", "/reset/sent", "sent"),
            ("GET", "/reset/abc.def", "token abc.def"),
            ("GET", "/reset/a%20b", "token a b"),
            ("POST", "/reset/abc/cancel", "cancel abc"),
            ("POST", "/reset/sent", "any"),
        ])
    func found(_ method: String, _ target: String, _ body: String) throws {
        let answer = try Self.answer(method, target)
        #expect(answer.status == 200)
        #expect(String(decoding: answer.body, as: UTF8.self) == body)
    }

    @Test(
        "A path that only resembles a route is not found",
        arguments: [
            "/reset/", "//reset", "/reset//", "/x/../reset", "/./reset", "/reset/..", "/reset/.", "/reset/%2e%2e",
            "/reset/a%2Fb", "/Reset", "/reset/a/b", "/reset%2Fsent", "/%E2%84%AA", "/nowhere",
        ])
    func notFound(_ target: String) throws {
        let answer = try Self.answer("GET", target)
        #expect(answer.status == 404)
        #expect(String(decoding: answer.body, as: UTF8.self) == "404 \(target)")
    }

    @Test(
        "A method that a path does not know is refused with those it knows",
        arguments: [
            ("POST", "/", "GET, HEAD"), ("GET", "/reset/abc/cancel", "POST"), ("TRACE", "/reset", "GET, HEAD, POST"),
            ("OPTIONS", "/", "GET, HEAD"), ("DELETE", "/reset/abc", "GET, HEAD"), ("get", "/", "GET, HEAD"),
            ("PUT", "/reset/sent", "GET, HEAD, POST"),
        ])
    func methodNotAllowed(_ method: String, _ target: String, _ allow: String) throws {
        let answer = try Self.answer(method, target)
        #expect(answer.status == 405)
        #expect(answer.headers["allow"] == allow)
    }

    @Test("A POST that takes long is known before it is answered, and nothing else passes for one")
    func takesLong() throws {
        func takesLong(_ method: String, _ target: String) throws -> Bool {
            Self.router.takesLong(try Request(method: Method(method), target: target))
        }
        #expect(try takesLong("POST", "/reset?x=y"))
        for (method, target) in [
            ("GET", "/reset"), ("POST", "/reset/"), ("POST", "/reset/a/cancel"), ("POST", "/none"),
        ] {
            #expect(!(try takesLong(method, target)))
        }
    }

    @Test("Whether a method is known is asked of the path first")
    func unknownBoth() throws {
        #expect(try Self.answer("TRACE", "/nowhere").status == 404)
    }
}
