import Domain
import Foundation
import HTTPServer
import Operations
import Store
import Support
import Testing

struct QueuePageTests {
    @Test func theQueueTellsCountsFactsWhatWaitsAndWhatIsDead() throws {
        let fixture = try OperationsFixture()
        try fixture.report()
        try fixture.report("worker-2", ago: 59)
        try fixture.report("worker-3", ago: 60)
        let dead = try fixture.enqueueDead("ani")
        let younger = try fixture.enqueue("siti", ago: 20)
        let older = try fixture.enqueue("tono", ago: 90)
        let page = try fixture.page("/")
        #expect(page.contains(#"<strong>2</strong> <span class="state state-ready">"#))
        #expect(page.contains(#"<strong>1</strong> <span class="state state-dead">"#))
        #expect(page.contains(#"<strong>0</strong> <span class="state state-held">"#))
        #expect(page.contains("<dt>Oldest ready</dt><dd>90 s</dd>"))
        #expect(page.contains("<dt>Workers (lanes busy)</dt><dd>2 (0/8)</dd>"))
        #expect(page.contains("<dt>Relay</dt><dd>takes mail</dd>"))
        #expect(page.contains("<dt>Version</dt><dd>1.2.3</dd>"))
        #expect(page.contains("alive, 59 s") && page.contains("gone, 60 s"))
        #expect(page.contains(#"<tr id="dead-\#(dead)">"#) && page.contains("550 no such user"))
        let first = try #require(page.range(of: #"<tr id="job-\#(older)">"#))
        let second = try #require(page.range(of: #"<tr id="job-\#(younger)">"#))
        #expect(first.lowerBound < second.lowerBound)
        #expect(page.contains(">siti<") && page.contains(">ani<"))
    }

    @Test func theQueueIsKeptUpToDateUnlessSomebodyReads() throws {
        let fixture = try OperationsFixture()
        let live = try fixture.send(.get, "/")
        #expect(live.headers["Refresh"] == nil, "a script does it, and a browser without scripts is told in the page")
        #expect(live.text.contains(#"<noscript><meta http-equiv="refresh" content="15"></noscript>"#))
        #expect(live.text.contains(#"<script src="/assets/live.js?v="#) && live.text.contains("kept up to date"))
        #expect(live.headers["Content-Security-Policy"]?.contains("connect-src 'self'") == true)
        for still in ["/?live=off", "/jobs"] {
            let response = try fixture.send(.get, still)
            #expect(!response.text.contains("http-equiv") && !response.text.contains("live.js"), "\(still)")
            #expect(response.headers["Content-Security-Policy"]?.contains("connect-src") == false, "\(still)")
        }
        #expect(try fixture.send(.get, "/assets/live.js").headers["Content-Type"] == "text/javascript; charset=utf-8")
        #expect(try fixture.send(.get, "/assets/operations.css").headers["Content-Type"] == "text/css; charset=utf-8")
    }

    @Test func aListHoldsOnlyWhatItsFilterAsksFor() throws {
        let fixture = try OperationsFixture()
        let account = try fixture.database.write { transaction in
            try transaction.insert(
                NewAccount(
                    userID: UserID("siti")!, userType: "penyedia", email: EmailAddress("s@example.org")!,
                    language: .indonesian, passwordHash: nil), at: OperationsFixture.start)
        }
        let dead = try fixture.enqueueDead("ani", reason: "550 Mailbox FULL")
        let ready = try fixture.enqueue("siti", ago: 600)
        let other = try fixture.enqueue("budi", kind: "mail-test")
        let notice = try fixture.database.write {
            try $0.enqueue(
                NoticePayload(account: account, at: OperationsFixture.start, address: "-").job(
                    for: .reset, at: OperationsFixture.start))
        }
        for (query, wanted) in [
            ("state=ready&kind=reset-request", [ready]), ("account=siti", [notice, ready]), ("account=nobody", []),
            ("reason=mailbox+full", [dead]), ("outcome=rejected", [dead]), ("outcome=bounced", []),
            ("older_than=10m", []), ("older_than=599s", [ready]),
            ("older_than=9m&state=dead", []), ("kind=unheard-of", []),
            ("state=&kind=&account=&reason=&older_than=&before=", [notice, other, ready, dead]),
        ] {
            let page = try fixture.page("/jobs?\(query)")
            #expect(
                page.matches(of: /class="tap" href="\/jobs\/(\d+)"/).compactMap { Int64($0.1) } == wanted, "\(query)")
        }
        // The form shows what was asked for.
        let page = try fixture.page("/jobs?state=dead&kind=unheard-of&account=si%22ti&reason=a%26b&older_than=3d")
        #expect(
            page.contains(#"<option value="dead" selected>"#) && page.contains(#"<option value="unheard-of" selected>"#)
        )
        #expect(
            page.contains(#"value="si&quot;ti""#) && page.contains(#"value="a&amp;b""#) && page.contains(#"value="3d""#)
        )
        #expect(page.contains("There is no account with this User ID."))
    }

    @Test(arguments: [
        ("calm", "Mail is going out", "good"), ("no-worker", "no worker is running", "alarm"),
        ("relay-paused", "the relay is at fault", "alarm"), ("relay-probing", "being tried again", "care"),
        ("relay-fallback", "by another relay", "care"), ("token-failing", "login needs attention", "care"),
        ("paused", "Mail is paused by an operator", "care"), ("late", "Mail is going out late", "alarm"),
        ("partly-paused", "except what an operator paused", "care"), ("dead-jobs", "some jobs were given up", "care"),
    ])
    func thePageAnswersWhetherMailGoesOut(situation: String, heading: String, tone: String) throws {
        let fixture = try OperationsFixture()
        if situation != "no-worker" { try fixture.report() }
        switch situation {
        case "relay-paused": try fixture.report(relay: "open", reason: "Connection refused.")
        case "relay-fallback":
            try fixture.report(relays: [
                .init(name: "a", state: .open, reason: "Refused."), .init(name: "b", state: .closed),
            ])
        case "token-failing":
            let token = RelayToken(endsAt: nil, failure: "The secret has ended.")
            try fixture.report(relays: [.init(name: "a", state: .closed, token: token)])
        case "relay-probing": try fixture.report(relay: "probing", reason: "Connection refused.")
        case "paused":
            // Even while the relay is at fault: nothing tries it before somebody resumes.
            try fixture.report(relay: "open", reason: "Connection refused.")
            try fixture.pause("*", why: "the relay moves")
        case "partly-paused":
            try fixture.pause("reset-notice", why: "a slip in a template")
            // What waits because it is paused is not late.
            try fixture.enqueue(ago: 900, kind: "reset-notice")
        case "late": try fixture.enqueue(ago: 60)
        case "dead-jobs": _ = try fixture.enqueueDead()
        default: try fixture.enqueue(ago: 59)
        }
        let page = try fixture.page("/")
        let pattern = try Regex("<h1>[^<]*\(heading)[^<]*</h1>")
        #expect(page.contains(pattern) && page.contains(#"class="answer answer-\#(tone)""#))
        let title = try Regex("<title>[^<]*\(heading)[^<]* · Pulih</title>")
        #expect(page.contains(title), "the tab says it too")
        let status: [String: JSON] = try fixture.send(.get, "/api/v1/status").json()
        #expect(status["situation"]?.string == situation)
    }

    @Test func lastHourIsToldInASentence() throws {
        let fixture = try OperationsFixture()
        try fixture.report()
        #expect(try fixture.page("/").contains("Nothing had to go out within the last hour."))
        try fixture.enqueue(ago: 2)
        try fixture.settle(.done(outcome: .mailed, reason: "250 OK"), attempt: nil)
        #expect(
            try fixture.page("/").contains(
                "Mails sent within the last hour: 1; half of the requests waited 1.8 s at most."))
    }

    @Test func aJobThatProbedTheRelayDoesNotHideHowLongTheOthersWait() throws {
        let fixture = try OperationsFixture()
        try fixture.report()
        try fixture.enqueue(ago: 400)
        try fixture.enqueue(ago: 390)
        // The first is handed back, and ready again only now.
        try fixture.settle(.release(until: fixture.clock.now(), reason: "Connection refused."))
        try fixture.database.write { [now = fixture.clock.now()] in try $0.promote(at: now, limit: 9) }
        #expect(try fixture.page("/").contains("<dt>Oldest ready</dt><dd>6 min</dd>"))
    }

    @Test func moreFinishedJobsThanAreCountedAreToldAsSuch() throws {
        let fixture = try OperationsFixture()
        func insert(_ count: Int, _ state: String) throws {
            try fixture.sql(
                """
                WITH RECURSIVE number (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM number WHERE n < \(count))
                INSERT INTO job (kind, state, finished_at) SELECT 'mail-test', '\(state)', n FROM number
                """)
        }
        try insert(QueueCount.mostFinished - 1, "done")
        try insert(2, "discarded")
        #expect(try fixture.page("/").contains(#"<strong>9999</strong> <span class="state state-done">"#))
        try insert(2, "done")
        let page = try fixture.page("/")
        #expect(page.contains(#"<strong>10000+</strong> <span class="state state-done">"#))
        #expect(page.contains(#"<strong>2</strong> <span class="state state-discarded">"#))
    }

    @Test func olderPagesFollowEachOtherWithoutGapOrRepetition() throws {
        let fixture = try OperationsFixture()
        for _ in 0..<120 { try fixture.enqueue() }
        var seen: [Int64] = []
        var next: String? = "/jobs?state=ready"
        while let address = next {
            let page = try fixture.page(address)
            seen += page.matches(of: /class="tap" href="\/jobs\/(\d+)"/).compactMap { Int64($0.1) }
            next = page.firstMatch(of: /button-plain" href="(\/jobs\?[^"]*before=[^"]*)"/).map {
                String($0.1).replacing("&amp;", with: "&")
            }
            try #require(seen.count <= 120)
        }
        #expect(seen == (1...120).reversed().map(Int64.init))
    }

    @Test(arguments: [
        "state=lost", "state=ready&state=dead", "before=abc", "before=-1", "before=0", "before=%2B5", "before=05",
        "before=99999999999999999999", "kind=%FF", "kind=%00", "older_than=5", "older_than=m", "older_than=0m",
        "older_than=-5m", "older_than=1w", "older_than=99999999d",
    ])
    func aFilterThatMeansNothingIsRefused(query: String) throws {
        let fixture = try OperationsFixture()
        guard let response = try? fixture.send(.get, "/jobs?\(query)") else { return }
        #expect(response.status == 400)
        #expect(response.text.contains("<h1>The request could not be read</h1>"))
    }

    @Test func whatAWorkerThatIsGoneThoughtOfTheRelayIsNoNews() throws {
        let fixture = try OperationsFixture()
        try fixture.report("worker-2", relay: "open", reason: "Connection refused.")
        #expect(try fixture.page("/").contains("<p>Connection refused.</p>"))
        fixture.clock.advance(.seconds(61))
        try fixture.report("worker-1", relay: "closed")
        #expect(try !fixture.page("/").contains("<p>Connection refused.</p>"))
    }

    @Test func aFinishedJobIsStillKnownByTheAccountOfItsLink() throws {
        let fixture = try OperationsFixture()
        let id = try fixture.enqueue("budi")
        let now = fixture.clock.now()
        try fixture.database.write { transaction in
            let account = try transaction.insert(
                NewAccount(
                    userID: UserID("budi.santoso")!, userType: "penyedia", email: EmailAddress("b@example.org")!,
                    language: .indonesian, passwordHash: nil), at: now)
            try transaction.open(
                ResetRequest(
                    id: "r", account: account, generation: 0, job: id, state: .open, requestedAt: now,
                    expiresAt: now + .minutes(30), address: nil), at: now)
            try transaction.enqueue(NoticePayload(account: account, at: now, address: "-").job(for: .reset, at: now))
        }
        try fixture.settle(.done(outcome: .mailed, reason: "250 OK"))
        #expect(try fixture.page("/jobs?state=done").contains("budi.santoso"))
        #expect(try fixture.page("/jobs?kind=reset-notice").contains("budi.santoso"))
    }

    @Test func timesAreLocalAndSpokenInTheReadersLanguage() throws {
        let fixture = try OperationsFixture()
        try fixture.enqueue(ago: 7 * 3600)
        let page = try fixture.page("/?lang=id")
        #expect(page.contains(#"<html lang="id">"#))
        #expect(page.contains("7 jam") && page.contains("siap"))
        // 2026-11-18T11:06:40Z is 18:06:40 in Jakarta; seven hours before, it was 11:06:40.
        #expect(page.contains("2026-11-18 18:06:40 WIB"))
        #expect(try fixture.page("/jobs?lang=id").contains(">11:06:40<"))
    }

    @Test func aDatabaseThatDoesNotAnswerIsToldAndLogged() throws {
        let (clock, logger) = (FixedClock(OperationsFixture.start), TestLogger())
        let operations = try OperationsFixture.operations(BrokenStore(), clock, logger)
        let request = try Request(
            method: .get, target: "/", headers: Headers([Field(name: "Host", value: "localhost")]))
        let response = operations.answer(request, with: operations.router)
        #expect(response.status == 503)
        #expect(response.text.contains("The service is not available"))
        #expect(logger.lines == ["error storage.failed reason=The disk is full. detail=code 13"])
    }

    @Test func aFullDiskComesBeforeAnythingElse() throws {
        let database = try TemporaryDatabase()
        let operations = try OperationsFixture.operations(
            FullStore(store: database.database), FixedClock(OperationsFixture.start), TestLogger())
        func text(_ target: String) throws -> String {
            let request = try Request(
                method: .get, target: target, headers: Headers([Field(name: "Host", value: "localhost")]))
            return operations.answer(request, with: operations.router).text
        }
        let page = try text("/?lang=en")
        #expect(page.contains("<h1>The database cannot be written</h1>"))
        #expect(page.contains("The disk is full."))
        #expect(try text("/api/v1/status").contains("\"databaseProblem\""))
        #expect(try text("/api/v1/status").contains("database-unwritable"))
    }

    @Test func everyNameInTheTemplatesResolves() throws {
        #expect(try Operations.templateProblems(OperationsFixture.pages()) == [])
    }

    @Test func linksOfOthersStandBesideTheQueue() throws {
        let fixture = try OperationsFixture(links: [Navigation.Link(label: "inbox.title", href: "/inbox")])
        #expect(try fixture.page("/").contains(#"<li><a href="/inbox">Demo inbox</a></li>"#))
        #expect(try fixture.page("/").contains(#"<li><a href="/" aria-current="page">Queue</a></li>"#))
    }
}
