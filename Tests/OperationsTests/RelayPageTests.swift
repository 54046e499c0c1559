import Domain
import Foundation
import HTTPServer
import Operations
import Store
import Support
import Testing

/// What operators see of several relays.
struct RelayPageTests {
    @Test func eachRelayIsToldWithWhatItDoes() throws {
        let fixture = try OperationsFixture()
        let end = fixture.clock.now() + .minutes(40)
        try fixture.report(relays: [
            .init(name: "relay.test:25", state: .open, reason: "Connection <refused>."),
            .init(name: "provider", state: .closed, busy: 3, waiting: 1, token: RelayToken(endsAt: end, failure: nil)),
        ])
        try fixture.enqueue(ago: 2)
        try fixture.settle(
            .done(outcome: .mailed, reason: "250 OK"),
            attempt: fixture.attempt(reply: "250 OK", outcome: .delivered, relay: "provider"))
        let page = try fixture.page("/")
        #expect(page.contains("provider takes it, since relay.test:25 is at fault: Connection &lt;refused&gt;."))
        let row = try #require(page.firstMatch(of: /(?s)<tr id="relay-provider">.*?<\/tr>/)).output
        for words in ["takes mail", "3, 1 of them waiting for an answer", ">1.0<", "valid for 40 min"] {
            #expect(row.contains(words), "\(words) in \(row)")
        }
        let readiness = try fixture.send(.get, "/readyz")
        #expect(readiness.status == 200)
        #expect(readiness.text.contains("mail flows by provider, since relay.test:25 is at fault"))
        let metrics = try fixture.send(.get, "/metrics").text
        for line in [
            "pulih_relay_paused 0", "pulih_relay_fallback 1", #"pulih_relay_at_fault{relay="relay.test:25"} 1"#,
            #"pulih_relay_at_fault{relay="provider"} 0"#, #"pulih_relay_busy_lanes{relay="provider"} 3"#,
            #"pulih_relay_attempts_total{outcome="delivered",relay="provider"} 1"#,
            #"pulih_relay_token_failing{relay="provider"} 0"#,
            "pulih_relay_token_expiry_timestamp_seconds{relay=\"provider\"} \(end.milliseconds / 1000)",
        ] {
            #expect(metrics.contains(line + "\n"), "\(line)")
        }
    }
}
