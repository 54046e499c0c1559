import Domain
import HTTPServer
import Store
import Testing

/// Changes that are made from the queue's own page.
struct PausePageTests {
    @Test func aPauseIsShownWithWhoAndWhyAndResumedByItsButton() throws {
        let fixture = try OperationsFixture()
        try fixture.report()
        let csrf = try fixture.laneCSRF()
        let pause = try fixture.press("/lanes/pause", csrf: csrf, more: "&kind=reset-notice&why=a+slip")
        #expect(pause.status == 303 && pause.headers["Location"] == "/")
        let page = try fixture.page("/")
        #expect(page.contains("<strong>reset-notice</strong> · paused by operator:web since 18:06:40: a slip"))
        #expect(!page.contains(#"<option value="reset-notice">"#), "what is paused cannot be paused")
        #expect(try fixture.press("/lanes/pause", csrf: csrf, more: "&kind=reset-notice&why=x").status == 409)
        #expect(try fixture.press("/lanes/resume", csrf: csrf, more: "&kind=reset-notice").status == 303)
        #expect(try fixture.database.read { try $0.pausedKinds() }.isEmpty)
        #expect(
            try fixture.audit() == [
                ["queue_lane_paused", "operator:web", "lane:reset-notice", OperationsFixture.client, "a slip"],
                ["queue_lane_resumed", "operator:web", "lane:reset-notice", OperationsFixture.client, ""],
            ])
    }

    @Test func aFormThatIsNotOursPausesNothing() throws {
        let fixture = try OperationsFixture()
        let job = try fixture.enqueueDead()
        let fields = "&kind=*&why=x"
        let forged: [(String?, [String: String?])] = [
            (nil, [:]), ("x", [:]), (try fixture.csrf(job: job), [:]),
            (try fixture.laneCSRF(), ["Sec-Fetch-Site": "cross-site"]),
        ]
        for (token, headers) in forged {
            #expect(try fixture.press("/lanes/pause", csrf: token, headers, more: fields).status == 403)
        }
        let csrf = try fixture.laneCSRF()
        #expect(try fixture.press("/lanes/pause", csrf: csrf, more: "&kind=nothing&why=x").status == 422)
        #expect(try fixture.press("/lanes/pause", csrf: csrf, more: "&kind=*&why=+").status == 422)
        #expect(try fixture.press("/lanes/pause", csrf: csrf).status == 400)
        #expect(try fixture.audit() == [])
    }

    @Test func whatBecameOfAJobIsToldWhereItWasChanged() throws {
        let fixture = try OperationsFixture()
        try fixture.report()
        let id = try fixture.enqueueDead()
        let retry = try fixture.press("/jobs/\(id)/retry", csrf: try fixture.csrf(job: id), more: "&from=queue")
        #expect(retry.headers["Location"] == "/?changed=\(id)")
        let told = "Job \(id): queue_job_retried by operator:web at 18:06:40, in the audit log. It is now: "
        #expect(try fixture.page("/?changed=\(id)").contains("\(told)ready."))
        try fixture.settle(.done(outcome: .mailed, reason: "250 OK"))
        #expect(try fixture.page("/?changed=\(id)").contains("\(told)done."))
        // An address cannot make the page say what did not happen.
        let untouched = try fixture.enqueue()
        for changed in ["\(untouched)", "999", "x", ""] {
            #expect(try !fixture.page("/?changed=\(changed)").contains("in the audit log."), "\(changed)")
        }
    }
}
