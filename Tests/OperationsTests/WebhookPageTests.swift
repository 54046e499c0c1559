import Domain
import HTTPServer
import Store
import Support
import Testing

/// What operators see of applications that are told what happens.
struct WebhookPageTests {
    @Test func aReceiverThatFailsIsTold() throws {
        let fixture = try OperationsFixture()
        try fixture.report()
        let job = try fixture.failWebhook(ago: 600, words: "app.test answered HTTP 500: <disk full>")
        let row = try #require(
            try fixture.page("/").firstMatch(of: /(?s)<tr id="webhook-e-katalog">.*?<\/tr>/)
        ).output
        for words in ["failing", "app.test answered HTTP 500: &lt;disk full&gt;", ">1<", ">0<"] {
            #expect(row.contains(words), "\(words) in \(row)")
        }
        let page = try fixture.page("/jobs/\(job)")
        for words in ["e-katalog", "answer", "500", "app.test"] { #expect(page.contains(words), "\(words)") }
        let metrics = try fixture.send(.get, "/metrics").text
        for line in [
            #"pulih_webhook_waiting{application="e-katalog"} 1"#, #"pulih_webhook_dead{application="e-katalog"} 0"#,
            #"pulih_webhook_off{application="e-katalog"} 0"#,
            #"pulih_webhook_failing_seconds{application="e-katalog"} 600"#,
        ] { #expect(metrics.contains(line + "\n"), "\(line)") }
        // Mail is not concerned.
        #expect(metrics.contains(#"pulih_smtp_replies_total{stage="data",class="5xx"} 0"#))
        let status = try fixture.send(.get, "/api/v1/status").text
        #expect(status.contains(#""situation":"calm""#) || status.contains(#""situation": "calm""#), "\(status)")
    }

    @Test func afterAnHourAndWhenItIsSwitchedOffItIsTheAnswer() throws {
        let fixture = try OperationsFixture()
        try fixture.report()
        try fixture.failWebhook(ago: 3_600)
        #expect(try fixture.page("/").contains("an application is not being told"))
        let now = fixture.clock.now()
        let other = try OperationsFixture()
        try other.report()
        try other.failWebhook()
        #expect(try !other.page("/").contains("an application is not being told"))
        _ = try other.database.write { try $0.switchOff(webhook: "e-katalog", at: now, why: "it answered 410") }
        let page = try other.page("/")
        #expect(page.contains("an application is not being told") && page.contains("e-katalog: it answered 410"))
    }
}
