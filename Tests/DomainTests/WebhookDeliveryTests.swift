import Domain
import Testing

/// What follows from a receiver's answer.
@Suite("Answers to webhooks")
struct WebhookDeliveryTests {
    private func delivery(
        _ status: Int, retryAfter: String? = nil, location: String? = nil, words: String = ""
    ) -> Delivery {
        Delivery(
            ApplicationAnswer(status: status, retryAfter: retryAfter, location: location, words: words),
            from: "app.test")
    }

    @Test(
        "2xx is delivered, 410 is never tried again, all else is",
        arguments: [
            (200, Delivery.Outcome.delivered), (204, .delivered), (299, .delivered), (301, .temporary),
            (307, .temporary),
            (400, .temporary), (401, .temporary), (404, .temporary), (409, .temporary), (410, .permanent),
            (429, .temporary), (500, .temporary), (503, .temporary),
        ])
    func verdict(status: Int, outcome: Delivery.Outcome) {
        let delivery = delivery(status)
        #expect(delivery.outcome == outcome && delivery.code == status && delivery.stage == "answer")
        #expect(delivery.explanation.hasPrefix("app.test answered HTTP \(status)"))
    }

    @Test("A redirect is named as one, with where it leads")
    func redirect() {
        let words = delivery(308, location: "https://new.test/").explanation
        #expect(words.contains("sends elsewhere (https://new.test/); redirects are not followed"))
    }

    @Test("A time to be left alone is heeded with 429 and 503, for an hour at most")
    func retryAfter() {
        #expect(delivery(429, retryAfter: "120").retryAfter == .minutes(2))
        #expect(delivery(503, retryAfter: "86400").retryAfter == .hours(1))
        #expect(delivery(503, retryAfter: "9223372036854775807").retryAfter == .hours(1))
        for text in [nil, "", "0", "-5", "soon", "Sat, 28 Nov 2026 06:00:00 GMT"] {
            #expect(delivery(503, retryAfter: text).retryAfter == nil)
        }
        #expect(delivery(500, retryAfter: "120").retryAfter == nil)
    }

    @Test("The receiver's words are kept")
    func words() {
        #expect(delivery(500, words: "disk full").explanation == "app.test answered HTTP 500: disk full")
        #expect(delivery(500, words: "disk full").reply == "HTTP 500: disk full")
    }
}
