import Domain
import HTTPServer
import Store
import Support
import Testing

struct JobPageTests {
    @Test func aJobTellsItsFactsAndItsAttempts() throws {
        let house = try House()
        let id = try house.enqueueDead("ani", reason: "550 5.1.1 User unknown")
        let page = try house.page("/jobs/\(id)")
        #expect(page.contains("<h1>Job \(id)</h1>"))
        #expect(page.contains("<dt>Account</dt><dd>ani</dd>"))
        #expect(page.contains("<dt>Outcome</dt><dd>rejected</dd>"))
        #expect(page.contains("<dt>Created</dt><dd>2026-11-18 18:06:40 WIB</dd>"))
        #expect(page.contains(#"<span class="code">550 5.1.1 User unknown</span>"#))
        #expect(page.contains(">0.047<") && page.contains(">yes<"))
        #expect(page.contains(#"href="/jobs?kind=reset-request""#))
    }

    @Test func aRunningJobTellsWhoHoldsIt() throws {
        let house = try House()
        let id = try house.enqueue()
        let now = house.clock.now()
        _ = try house.database.write {
            try $0.claim(limit: 1, at: now, leaseUntil: now + .seconds(30), worker: "worker-9")
        }
        let page = try house.page("/jobs/\(id)")
        #expect(page.contains("<dt>Held by</dt><dd>worker-9, until 2026-11-18 18:07:10 WIB</dd>"))
        #expect(!page.contains("/retry") && !page.contains("/discard"))
    }

    @Test(arguments: ["0", "01", "+1", "-1", "1.0", "x", "99999999999999999999", "1%20", "%31x"])
    func whatIsNoIDOfAJobIsNotFound(id: String) throws {
        let house = try House()
        try house.enqueue()
        #expect(try house.send(.get, "/jobs/\(id)").status == 404)
        #expect(try house.press("/jobs/\(id)/retry", csrf: "x").status == 404)
    }

    @Test func aRetryMakesADeadJobReadyAndIsAudited() throws {
        let house = try House()
        let id = try house.enqueueDead()
        let response = try house.press("/jobs/\(id)/retry", csrf: try house.csrf(job: id))
        #expect(response.status == 303)
        #expect(response.headers["Location"] == "/jobs/\(id)")
        let job = try #require(try house.job(id))
        #expect(job.state == .ready && job.attempts == 0)
        #expect(try house.audit() == [["queue_job_retried", "operator:web", "job:\(id)", House.client, "was dead"]])
        #expect(house.journal.lines.last == "info job.changed job=\(id) change=retry from=dead address=192.0.2.7")
    }

    @Test func aDiscardErasesThePayloadAndIsAudited() throws {
        let house = try House()
        let id = try house.enqueue()
        let response = try house.press("/jobs/\(id)/discard", csrf: try house.csrf(job: id))
        #expect(response.status == 303)
        let job = try #require(try house.job(id))
        #expect(job.state == .discarded && job.payload == nil)
        #expect(try house.audit() == [["queue_job_discarded", "operator:web", "job:\(id)", House.client, "was ready"]])
    }

    @Test func aJobThatMovedOnMeanwhileIsLeftAlone() throws {
        let house = try House()
        let id = try house.enqueue()
        let csrf = try house.csrf(job: id)
        try house.settle(.done(outcome: .mailed, reason: "250 OK"))
        for change in ["retry", "discard"] {
            let response = try house.press("/jobs/\(id)/\(change)", csrf: csrf)
            #expect(response.status == 409)
            #expect(response.text.contains("The job has moved on"))
            #expect(response.text.contains(#"href="/jobs/\#(id)">Back to the job<"#))
        }
        #expect(try house.job(id)?.state == .done)
        #expect(try house.audit() == [])
    }

    @Test func pressingTwiceChangesOnce() throws {
        let house = try House()
        let id = try house.enqueueDead()
        let csrf = try house.csrf(job: id)
        #expect(try house.press("/jobs/\(id)/discard", csrf: csrf).status == 303)
        #expect(try house.press("/jobs/\(id)/discard", csrf: csrf).status == 409)
        #expect(try house.audit().count == 1)
    }

    @Test func aChangeThatCannotBeAuditedIsNotMade() throws {
        let house = try House()
        let id = try house.enqueueDead()
        let csrf = try house.csrf(job: id)
        try house.sql("DROP TABLE audit_event")
        #expect(try house.press("/jobs/\(id)/retry", csrf: csrf).status == 503)
        #expect(try house.job(id)?.state == .dead)
    }

    @Test func aFormThatIsNotOursChangesNothing() throws {
        let house = try House()
        let (id, other) = (try house.enqueueDead(), try house.enqueueDead())
        let csrf = try house.csrf(job: id)
        let forged: [(String?, [String: String?])] = [
            (nil, [:]), ("x", [:]), (try house.csrf(job: other), [:]), ("\(csrf)&csrf=\(csrf)", [:]),
            (csrf, ["Sec-Fetch-Site": "cross-site"]), (csrf, ["Sec-Fetch-Site": "same-site"]),
            (csrf, ["Sec-Fetch-Site": nil, "Origin": "https://evil.example"]), (csrf, ["Content-Type": "text/plain"]),
        ]
        for (token, headers) in forged {
            let response = try house.press("/jobs/\(id)/retry", csrf: token, headers)
            #expect([400, 403, 415].contains(response.status), "\(String(describing: token)) \(headers)")
        }
        house.clock.advance(.hours(2))
        let late = try house.press("/jobs/\(id)/retry", csrf: csrf)
        #expect(late.status == 403 && late.text.contains("The form has expired"))
        #expect(try house.job(id)?.state == .dead)
        #expect(try house.audit() == [])
    }

    @Test func buttonsAreOfferedWhereTheyWork() throws {
        let house = try House()
        let dead = try house.page("/jobs/\(try house.enqueueDead())")
        #expect(dead.contains("/retry\"") && dead.contains("/discard\"") && !dead.contains("/hold\""))
        let ready = try house.page("/jobs/\(try house.enqueue())")
        #expect(!ready.contains("/retry\"") && ready.contains("/discard\"") && ready.contains("/hold\""))
        try house.settle(.done(outcome: .mailed, reason: "250 OK"))
        let done = try house.page("/jobs/2")
        #expect(!done.contains("/retry\"") && !done.contains("/discard\""))
    }

    @Test func aJobIsHeldAndReleasedForAReason() throws {
        let house = try House()
        let id = try house.enqueue()
        let hold = try house.press("/jobs/\(id)/hold", csrf: try house.csrf(job: id), more: "&why=+ask%0Abudi++first ")
        #expect(hold.status == 303 && hold.headers["Location"] == "/jobs/\(id)")
        #expect(try house.job(id)?.state == .held)
        let page = try house.page("/jobs/\(id)")
        #expect(page.contains("/release\"") && page.contains("/retry\"") && !page.contains("/hold\""))
        #expect(page.contains("was ready; ask budi first") && page.contains(">queue_job_held<"))
        #expect(try house.press("/jobs/\(id)/release", csrf: try house.csrf(job: id)).status == 303)
        #expect(try house.job(id)?.state == .ready)
        #expect(try house.audit().map { $0[4] } == ["was ready; ask budi first", "was held"])
        let long = String(repeating: "x", count: 501)
        #expect(try house.press("/jobs/\(id)/hold", csrf: try house.csrf(job: id), more: "&why=\(long)").status == 422)
    }

    @Test func aJobThatIsOverIsNotAskedForAgain() throws {
        let house = try House()
        let id = try house.enqueue()
        #expect(try house.page("/jobs/\(id)").contains("/assets/live.js"))
        try house.settle(.done(outcome: .mailed, reason: "250 OK"))
        #expect(try !house.page("/jobs/\(id)").contains("/assets/live.js"))
        #expect(try house.page("/jobs/\(id)").contains("<dt>Request id</dt><dd>job-\(id)</dd>"))
    }
}
