import Domain
import HTTPServer
import Store
import Support
import Testing

struct JobPageTests {
    @Test func aJobTellsItsFactsAndItsAttempts() throws {
        let fixture = try OperationsFixture()
        let id = try fixture.enqueueDead("ani", reason: "550 5.1.1 User unknown")
        let page = try fixture.page("/jobs/\(id)")
        #expect(page.contains("<h1>Job \(id)</h1>"))
        #expect(page.contains("<dt>Account</dt><dd>ani</dd>"))
        #expect(page.contains("<dt>Outcome</dt><dd>rejected</dd>"))
        #expect(page.contains("<dt>Created</dt><dd>2026-11-18 18:06:40 WIB</dd>"))
        #expect(page.contains(#"<span class="code">550 5.1.1 User unknown</span>"#))
        #expect(page.contains(">0.047<") && page.contains(">yes<"))
        #expect(page.contains(#"href="/jobs?kind=reset-request""#))
    }

    @Test func aRunningJobTellsWhoHoldsIt() throws {
        let fixture = try OperationsFixture()
        let id = try fixture.enqueue()
        let now = fixture.clock.now()
        _ = try fixture.database.write {
            try $0.claim(limit: 1, at: now, leaseUntil: now + .seconds(30), worker: "worker-9")
        }
        let page = try fixture.page("/jobs/\(id)")
        #expect(page.contains("<dt>Held by</dt><dd>worker-9, until 2026-11-18 18:07:10 WIB</dd>"))
        #expect(!page.contains("/retry") && !page.contains("/discard"))
    }

    @Test(arguments: ["0", "01", "+1", "-1", "1.0", "x", "99999999999999999999", "1%20", "%31x"])
    func whatIsNoIDOfAJobIsNotFound(id: String) throws {
        let fixture = try OperationsFixture()
        try fixture.enqueue()
        #expect(try fixture.send(.get, "/jobs/\(id)").status == 404)
        #expect(try fixture.press("/jobs/\(id)/retry", csrf: "x").status == 404)
    }

    @Test func aRetryMakesADeadJobReadyAndIsAudited() throws {
        let fixture = try OperationsFixture()
        let id = try fixture.enqueueDead()
        let response = try fixture.press("/jobs/\(id)/retry", csrf: try fixture.csrf(job: id))
        #expect(response.status == 303)
        #expect(response.headers["Location"] == "/jobs/\(id)")
        let job = try #require(try fixture.job(id))
        #expect(job.state == .ready && job.attempts == 0)
        #expect(
            try fixture.audit() == [
                ["queue_job_retried", "operator:web", "job:\(id)", OperationsFixture.client, "was dead"]
            ])
        #expect(fixture.logger.lines.last == "info job.changed job=\(id) change=retry from=dead address=192.0.2.7")
    }

    @Test func aDiscardErasesThePayloadAndIsAudited() throws {
        let fixture = try OperationsFixture()
        let id = try fixture.enqueue()
        let response = try fixture.press("/jobs/\(id)/discard", csrf: try fixture.csrf(job: id))
        #expect(response.status == 303)
        let job = try #require(try fixture.job(id))
        #expect(job.state == .discarded && job.payload == nil)
        #expect(
            try fixture.audit() == [
                ["queue_job_discarded", "operator:web", "job:\(id)", OperationsFixture.client, "was ready"]
            ])
    }

    @Test func aJobThatMovedOnMeanwhileIsLeftAlone() throws {
        let fixture = try OperationsFixture()
        let id = try fixture.enqueue()
        let csrf = try fixture.csrf(job: id)
        try fixture.settle(.done(outcome: .mailed, reason: "250 OK"))
        for change in ["retry", "discard"] {
            let response = try fixture.press("/jobs/\(id)/\(change)", csrf: csrf)
            #expect(response.status == 409)
            #expect(response.text.contains("The job has moved on"))
            #expect(response.text.contains(#"href="/jobs/\#(id)">Back to the job<"#))
        }
        #expect(try fixture.job(id)?.state == .done)
        #expect(try fixture.audit() == [])
    }

    @Test func pressingTwiceChangesOnce() throws {
        let fixture = try OperationsFixture()
        let id = try fixture.enqueueDead()
        let csrf = try fixture.csrf(job: id)
        #expect(try fixture.press("/jobs/\(id)/discard", csrf: csrf).status == 303)
        #expect(try fixture.press("/jobs/\(id)/discard", csrf: csrf).status == 409)
        #expect(try fixture.audit().count == 1)
    }

    @Test func aChangeThatCannotBeAuditedIsNotMade() throws {
        let fixture = try OperationsFixture()
        let id = try fixture.enqueueDead()
        let csrf = try fixture.csrf(job: id)
        try fixture.sql("DROP TABLE audit_event")
        #expect(try fixture.press("/jobs/\(id)/retry", csrf: csrf).status == 503)
        #expect(try fixture.job(id)?.state == .dead)
    }

    @Test func aFormThatIsNotOursChangesNothing() throws {
        let fixture = try OperationsFixture()
        let (id, other) = (try fixture.enqueueDead(), try fixture.enqueueDead())
        let csrf = try fixture.csrf(job: id)
        let forged: [(String?, [String: String?])] = [
            (nil, [:]), ("x", [:]), (try fixture.csrf(job: other), [:]), ("\(csrf)&csrf=\(csrf)", [:]),
            (csrf, ["Sec-Fetch-Site": "cross-site"]), (csrf, ["Sec-Fetch-Site": "same-site"]),
            (csrf, ["Sec-Fetch-Site": nil, "Origin": "https://evil.example"]), (csrf, ["Content-Type": "text/plain"]),
        ]
        for (token, headers) in forged {
            let response = try fixture.press("/jobs/\(id)/retry", csrf: token, headers)
            #expect([400, 403, 415].contains(response.status), "\(String(describing: token)) \(headers)")
        }
        fixture.clock.advance(.hours(2))
        let late = try fixture.press("/jobs/\(id)/retry", csrf: csrf)
        #expect(late.status == 403 && late.text.contains("The form has expired"))
        #expect(try fixture.job(id)?.state == .dead)
        #expect(try fixture.audit() == [])
    }

    @Test func buttonsAreOfferedWhereTheyWork() throws {
        let fixture = try OperationsFixture()
        let dead = try fixture.page("/jobs/\(try fixture.enqueueDead())")
        #expect(dead.contains("/retry\"") && dead.contains("/discard\"") && !dead.contains("/hold\""))
        let ready = try fixture.page("/jobs/\(try fixture.enqueue())")
        #expect(!ready.contains("/retry\"") && ready.contains("/discard\"") && ready.contains("/hold\""))
        try fixture.settle(.done(outcome: .mailed, reason: "250 OK"))
        let done = try fixture.page("/jobs/2")
        #expect(!done.contains("/retry\"") && !done.contains("/discard\""))
    }

    @Test func aJobIsHeldAndReleasedForAReason() throws {
        let fixture = try OperationsFixture()
        let id = try fixture.enqueue()
        let hold = try fixture.press(
            "/jobs/\(id)/hold", csrf: try fixture.csrf(job: id), more: "&why=+ask%0Abudi++first ")
        #expect(hold.status == 303 && hold.headers["Location"] == "/jobs/\(id)")
        #expect(try fixture.job(id)?.state == .held)
        let page = try fixture.page("/jobs/\(id)")
        #expect(page.contains("/release\"") && page.contains("/retry\"") && !page.contains("/hold\""))
        #expect(page.contains("was ready; ask budi first") && page.contains(">queue_job_held<"))
        #expect(try fixture.press("/jobs/\(id)/release", csrf: try fixture.csrf(job: id)).status == 303)
        #expect(try fixture.job(id)?.state == .ready)
        #expect(try fixture.audit().map { $0[4] } == ["was ready; ask budi first", "was held"])
        let long = String(repeating: "x", count: 501)
        #expect(
            try fixture.press("/jobs/\(id)/hold", csrf: try fixture.csrf(job: id), more: "&why=\(long)").status == 422)
    }

    @Test func aJobThatIsOverIsNotAskedForAgain() throws {
        let fixture = try OperationsFixture()
        let id = try fixture.enqueue()
        #expect(try fixture.page("/jobs/\(id)").contains("/assets/live.js"))
        try fixture.settle(.done(outcome: .mailed, reason: "250 OK"))
        #expect(try !fixture.page("/jobs/\(id)").contains("/assets/live.js"))
        #expect(try fixture.page("/jobs/\(id)").contains("<dt>Request id</dt><dd>job-\(id)</dd>"))
    }
}
