import Domain
import HTTPServer
import Operations
import Testing

/// What holds for every address.
struct AddressTests {
    private static let pages = ["/", "/jobs", "/jobs/1"]
    private static let machines = [
        "/healthz", "/readyz", "/metrics", "/api/v1/status", "/api/v1/jobs", "/api/v1/jobs/1", "/api/v1/audit",
    ]
    private static let changes =
        ["/lanes/pause", "/lanes/resume", "/api/v1/lanes/*/pause", "/api/v1/lanes/*/resume"]
        + ["", "/api/v1"].flatMap { api in ["retry", "discard", "hold", "release"].map { "\(api)/jobs/1/\($0)" } }

    @Test(arguments: pages + machines + changes + ["/nope", "/api/nope", "/jobs/99", "/jobs?state=x"])
    func everyAnswerTellsTheBrowserWhatNotToDo(target: String) throws {
        let fixture = try OperationsFixture()
        try fixture.enqueue()
        let response = try fixture.send(.get, target)
        let policy = try #require(response.headers["Content-Security-Policy"])
        #expect(policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"))
        #expect(response.headers["X-Content-Type-Options"] == "nosniff")
        #expect(response.headers["Cache-Control"] == "no-store")
        #expect(response.headers["Referrer-Policy"] == "no-referrer")
        #expect(response.error == nil)
        #expect(response.text.matches(of: /<script(?! src="\/)/).isEmpty, "no script stands in a page")
    }

    @Test(arguments: pages + machines)
    func whatIsToBeReadTakesNoOtherMethod(target: String) throws {
        let house = try OperationsFixture()
        try house.enqueue()
        #expect(try house.send(.head, target).status == house.send(.get, target).status)
        for method in [HTTPServer.Method.other("PUT"), .other("DELETE"), .other("TRACE"), .other("OPTIONS")] {
            #expect(try house.send(method, target).status == 405)
        }
        guard target != "/api/v1/jobs" else { return }
        let post = try house.send(.post, target)
        #expect(post.status == 405)
        #expect(post.headers["Allow"] == "GET, HEAD")
    }

    @Test(arguments: changes)
    func whatChangesSomethingIsOnlyPosted(target: String) throws {
        let house = try OperationsFixture()
        try house.enqueue()
        for method in [HTTPServer.Method.get, .head, .other("PUT")] {
            let response = try house.send(method, target)
            #expect(response.status == 405)
            #expect(response.headers["Allow"] == "POST")
        }
        #expect(try house.job(1)?.state == .ready)
    }

    @Test(arguments: ["/nope", "/jobs/", "/jobs/1/", "//", "/jobs/1/retry/x", "/assets/../jobs", "/JOBS"])
    func whatIsNotThereIsToldInHTML(target: String) throws {
        let response = try OperationsFixture().send(.get, target)
        #expect(response.status == 404)
        #expect(response.headers["Content-Type"] == "text/html; charset=utf-8")
        #expect(response.text.contains("Page not found") && response.text.contains("Back to the queue"))
        // The way back is there.
        #expect(response.text.contains(#"<li><a href="/">Queue</a></li>"#))
    }

    @Test func whatIsTooBrokenToReadIsStillAnswered() throws {
        let response = try OperationsFixture().operations.errorPage(status: 400, nil)
        #expect(response.status == 400)
        #expect(response.text.contains("The request could not be read"))
    }

    @Test func theStyleIsServed() throws {
        let response = try OperationsFixture().send(.get, "/assets/style.css")
        #expect(response.status == 200 && response.headers["Content-Type"] == "text/css; charset=utf-8")
    }
}
