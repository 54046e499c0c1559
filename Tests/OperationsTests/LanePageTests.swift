import Domain
import HTTPServer
import Store
import Testing

/// Changes that are made from the queue's own page.
struct LanePageTests {
    @Test func aPauseIsShownWithWhoAndWhyAndResumedByItsButton() throws {
        let house = try House()
        try house.report()
        let csrf = try house.laneCSRF()
        let pause = try house.press("/lanes/pause", csrf: csrf, more: "&kind=reset-notice&why=a+slip")
        #expect(pause.status == 303 && pause.headers["Location"] == "/")
        let page = try house.page("/")
        #expect(page.contains("<strong>reset-notice</strong> · paused by operator:web since 18:06:40: a slip"))
        #expect(!page.contains(#"<option value="reset-notice">"#), "what is paused cannot be paused")
        #expect(try house.press("/lanes/pause", csrf: csrf, more: "&kind=reset-notice&why=x").status == 409)
        #expect(try house.press("/lanes/resume", csrf: csrf, more: "&kind=reset-notice").status == 303)
        #expect(try house.database.read { try $0.lanePauses() }.isEmpty)
        #expect(
            try house.audit() == [
                ["queue_lane_paused", "operator:web", "lane:reset-notice", House.client, "a slip"],
                ["queue_lane_resumed", "operator:web", "lane:reset-notice", House.client, ""],
            ])
    }

    @Test func aFormThatIsNotOursPausesNothing() throws {
        let house = try House()
        let job = try house.enqueueDead()
        let fields = "&kind=*&why=x"
        let forged: [(String?, [String: String?])] = [
            (nil, [:]), ("x", [:]), (try house.csrf(job: job), [:]),
            (try house.laneCSRF(), ["Sec-Fetch-Site": "cross-site"]),
        ]
        for (token, headers) in forged {
            #expect(try house.press("/lanes/pause", csrf: token, headers, more: fields).status == 403)
        }
        let csrf = try house.laneCSRF()
        #expect(try house.press("/lanes/pause", csrf: csrf, more: "&kind=nothing&why=x").status == 422)
        #expect(try house.press("/lanes/pause", csrf: csrf, more: "&kind=*&why=+").status == 422)
        #expect(try house.press("/lanes/pause", csrf: csrf).status == 400)
        #expect(try house.audit() == [])
    }

    @Test func whatBecameOfAJobIsToldWhereItWasChanged() throws {
        let house = try House()
        try house.report()
        let id = try house.enqueueDead()
        let retry = try house.press("/jobs/\(id)/retry", csrf: try house.csrf(job: id), more: "&from=queue")
        #expect(retry.headers["Location"] == "/?changed=\(id)")
        let told = "Job \(id): queue_job_retried by operator:web at 18:06:40, in the audit log. It is now: "
        #expect(try house.page("/?changed=\(id)").contains("\(told)ready."))
        try house.settle(.done(outcome: .mailed, reason: "250 OK"))
        #expect(try house.page("/?changed=\(id)").contains("\(told)done."))
        // An address cannot make the page say what did not happen.
        let untouched = try house.enqueue()
        for changed in ["\(untouched)", "999", "x", ""] {
            #expect(try !house.page("/?changed=\(changed)").contains("in the audit log."), "\(changed)")
        }
    }
}
