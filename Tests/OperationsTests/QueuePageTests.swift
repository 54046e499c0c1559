import Domain
import Foundation
import HTTPServer
import Operations
import Store
import Support
import Testing

struct QueuePageTests {
    @Test func theQueueTellsCountsFactsAndTheNewestJobs() throws {
        let house = try House()
        try house.report()
        try house.report("worker-2", ago: 59)
        try house.report("worker-3", ago: 60)
        let dead = try house.enqueueDead("ani")
        let ready = try house.enqueue("siti", ago: 90)
        let page = try house.page("/")
        #expect(page.contains(#"<strong>2</strong> <span class="state state-all">"#))
        #expect(page.contains(#"<strong>1</strong> <span class="state state-dead">"#))
        #expect(page.contains(#"<strong>0</strong> <span class="state state-held">"#))
        #expect(page.contains("<dt>Oldest ready</dt><dd>90 s</dd>"))
        #expect(page.contains("<dt>Workers alive</dt><dd>2</dd>"))
        #expect(page.contains("<dt>Relay</dt><dd>takes mail</dd>"))
        #expect(page.contains("<dt>Version</dt><dd>1.2.3</dd>"))
        #expect(page.contains("550 no such user"))
        let first = try #require(page.range(of: "/jobs/\(ready)\""))
        let second = try #require(page.range(of: "/jobs/\(dead)\""))
        #expect(first.lowerBound < second.lowerBound)
        #expect(page.contains(">siti<") && page.contains(">ani<"))
    }

    @Test func theQueueRefreshesAndTheListsDoNot() throws {
        let house = try House()
        #expect(try house.send(.get, "/").headers["Refresh"] == "5")
        #expect(try house.send(.get, "/jobs").headers["Refresh"] == nil)
        #expect(try house.page("/").contains("Refreshed every"))
        #expect(try !house.page("/jobs").contains("Refreshed every"))
    }

    @Test func aListHoldsOnlyWhatItsFilterAsksFor() throws {
        let house = try House()
        let dead = try house.enqueueDead("ani")
        let ready = try house.enqueue("siti")
        let other = try house.enqueue("budi", kind: "mail-test")
        let list = try house.page("/jobs?state=ready&kind=reset-request")
        #expect(list.contains("/jobs/\(ready)\""))
        #expect(!list.contains("/jobs/\(dead)\"") && !list.contains("/jobs/\(other)\""))
        #expect(list.contains("Jobs: ready · reset-request"))
        // The tiles count jobs of this kind and lead on with it.
        #expect(list.contains(#"<strong>2</strong> <span class="state state-all">"#))
        #expect(list.contains(#"href="/jobs?state=dead&amp;kind=reset-request""#))
        #expect(list.contains(#"href="/jobs?state=ready&amp;kind=reset-request" aria-current="true""#))
    }

    @Test func moreFinishedJobsThanAreCountedAreToldAsSuch() throws {
        let house = try House()
        func insert(_ count: Int, _ state: String) throws {
            try house.sql(
                """
                WITH RECURSIVE number (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM number WHERE n < \(count))
                INSERT INTO job (kind, state, finished_at) SELECT 'mail-test', '\(state)', n FROM number
                """)
        }
        try insert(QueueCount.mostFinished - 1, "done")
        try insert(2, "discarded")
        #expect(try house.page("/").contains(#"<strong>9999</strong> <span class="state state-done">"#))
        try insert(2, "done")
        let page = try house.page("/")
        #expect(page.contains(#"<strong>10000+</strong> <span class="state state-done">"#))
        #expect(page.contains(#"<strong>2</strong> <span class="state state-discarded">"#))
        #expect(page.contains(#"<strong>10002+</strong> <span class="state state-all">"#))
    }

    @Test func anEmptyFilterAsksForEverything() throws {
        let house = try House()
        let id = try house.enqueue()
        #expect(try house.page("/jobs?state=&kind=&before=").contains("/jobs/\(id)\""))
    }

    @Test func olderPagesFollowEachOtherWithoutGapOrRepetition() throws {
        let house = try House()
        for _ in 0..<120 { try house.enqueue() }
        var seen: [Int64] = []
        var next: String? = "/jobs?state=ready"
        while let address = next {
            let page = try house.page(address)
            seen += page.matches(of: /class="tap" href="\/jobs\/(\d+)"/).compactMap { Int64($0.1) }
            next = page.firstMatch(of: /href="(\/jobs\?[^"]*before=[^"]*)"/).map {
                String($0.1).replacing("&amp;", with: "&")
            }
            try #require(seen.count <= 120)
        }
        #expect(seen == (1...120).reversed().map(Int64.init))
    }

    @Test(arguments: [
        "state=lost", "state=ready&state=dead", "before=abc", "before=-1", "before=0", "before=%2B5", "before=05",
        "before=99999999999999999999", "kind=%FF", "kind=%00",
    ])
    func aFilterThatMeansNothingIsRefused(query: String) throws {
        let house = try House()
        guard let response = try? house.send(.get, "/jobs?\(query)") else { return }
        #expect(response.status == 400)
        #expect(response.text.contains("<h1>The request could not be read</h1>"))
    }

    @Test func aPausedRelayIsToldWithItsReason() throws {
        let house = try House()
        try house.report("worker-1", relay: "closed")
        #expect(try !house.page("/").contains("Delivery"))
        try house.report("worker-2", relay: "open", reason: "Connection refused.")
        #expect(try house.page("/").contains("tried again by itself. Connection refused."))
        try house.report("worker-2", relay: "probing", reason: "Connection refused.")
        #expect(try house.page("/").contains("being tried again now. Connection refused."))
        // What a worker that is gone thought of the relay is no news.
        house.clock.advance(.seconds(61))
        try house.report("worker-1", relay: "closed")
        #expect(try !house.page("/").contains("Connection refused."))
    }

    @Test func aFinishedJobIsStillKnownByTheAccountOfItsLink() throws {
        let house = try House()
        let id = try house.enqueue("budi")
        let now = house.clock.now()
        try house.database.write { store in
            let account = try store.insert(
                NewAccount(
                    userID: UserID("budi.santoso")!, userType: "penyedia", email: EmailAddress("b@example.org")!,
                    language: .indonesian, passwordHash: nil), at: now)
            try store.open(
                ResetRequest(
                    id: "r", account: account, generation: 0, job: id, state: .open, requestedAt: now,
                    expiresAt: now + .minutes(30), address: nil), at: now)
            try store.enqueue(NoticePayload(account: account, at: now, address: "-").job(for: .reset, at: now))
        }
        try house.settle(.done(outcome: .mailed, reason: "250 OK"))
        #expect(try house.page("/jobs?state=done").contains("budi.santoso"))
        #expect(try house.page("/jobs?kind=reset-notice").contains("budi.santoso"))
    }

    @Test func timesAreLocalAndSpokenInTheReadersLanguage() throws {
        let house = try House()
        try house.enqueue(ago: 7 * 3600)
        let page = try house.page("/?lang=id")
        #expect(page.contains(#"<html lang="id">"#))
        #expect(page.contains("7 jam"))
        // 2026-11-18T11:06:40Z is 18:06:40 in Jakarta; seven hours before, it was 11:06:40.
        #expect(page.contains(">11:06:40<"))
        #expect(page.contains("siap"))
    }

    @Test func aDatabaseThatDoesNotAnswerIsToldAndLogged() throws {
        let (clock, journal) = (FixedClock(House.start), TestJournal())
        let operations = try House.operations(BrokenStorage(), clock, journal)
        let request = try Request(
            method: .get, target: "/", headers: Headers([Field(name: "Host", value: "localhost")]))
        let response = operations.answer(request, with: operations.router)
        #expect(response.status == 503)
        #expect(response.text.contains("The service is not available"))
        #expect(journal.lines == ["error storage.failed reason=The disk is full. detail=code 13"])
    }

    @Test func everyNameInTheTemplatesResolves() throws {
        #expect(try Operations.templateProblems(House.pages()) == [])
    }

    @Test func linksOfOthersStandBesideTheQueue() throws {
        let house = try House(links: [Navigation.Link(label: "inbox.title", href: "/inbox")])
        #expect(try house.page("/").contains(#"<li><a href="/inbox">Demo inbox</a></li>"#))
        #expect(try house.page("/").contains(#"<li><a href="/" aria-current="page">Queue</a></li>"#))
    }
}
