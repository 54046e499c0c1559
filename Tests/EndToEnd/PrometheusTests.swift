import Foundation
import Support
import Testing

/// A real Prometheus, a real relay and the real program.
@Suite
struct PrometheusTests {
    private static let token = "operations-token-5d2e"

    @Test("Prometheus scrapes with the token from its file, and sees a mail come, wait for the relay and go out")
    func scrape() throws {
        let installation = try Installation()
        try installation.folder.write(Self.token + "\n", to: "operations.token")
        let listen = "listen: \"127.0.0.1:\(installation.operations.number)\""
        let configuration = try installation.folder.read("pulih.json5").replacingOccurrences(
            of: listen, with: "\(listen), tokenFile: \"operations.token\"")
        try installation.folder.write(configuration, to: "pulih.json5")
        try installation.mail.stop()
        let service = try installation.start()
        let prometheus = try Prometheus(watching: installation.operations.number, token: Self.token)

        try prometheus.wait(for: #"up{job="pulih"}"#, 1)
        try prometheus.wait(for: #"up{job="stranger"}"#, 0)
        #expect(try prometheus.scrapeError(job: "pulih") == nil)
        #expect(try prometheus.scrapeError(job: "stranger")?.contains("401") == true)
        let mailed = #"pulih_jobs_finished_total{job="pulih",kind="reset-request",outcome="mailed"}"#
        #expect(try prometheus.value(mailed) == 0)
        #expect(try prometheus.value("time() - pulih_worker_heartbeat_timestamp_seconds < bool 60") == 1)

        #expect(try installation.ask(for: Installation.budi).status == 303)
        try prometheus.wait(for: "pulih_relay_paused", 1)
        try prometheus.wait(for: #"ALERTS{alertname="PulihRelayPaused",alertstate="pending"}"#, 1)
        #expect(try prometheus.value(#"sum(pulih_queue_jobs{kind="reset-request",state=~"ready|scheduled"})"#) == 1)
        #expect(try prometheus.value(#"pulih_jobs_arrived_total{kind="reset-request"}"#) == 1)

        try installation.mail.start()
        _ = try installation.resetMail(to: Installation.budi)
        try prometheus.wait(for: mailed, 1)
        try prometheus.wait(for: "pulih_relay_paused", 0)
        #expect(try prometheus.value(#"pulih_smtp_replies_total{stage="body",class="2xx"}"#) == 1)
        let refused = try prometheus.value(#"pulih_smtp_replies_total{stage="connect",class="none"}"#)
        #expect(try #require(refused) >= 1)
        let wait = #"pulih_job_wait_seconds_count{kind="reset-request"}"#
        #expect(try prometheus.value(wait) == 1)
        let whole = #"pulih_job_wait_seconds_bucket{kind="reset-request",le="+Inf"}"#
        #expect(try prometheus.value("\(wait) - ignoring (le) \(whole)") == 0)

        try Eventually.holds("every rule was evaluated", timeout: .seconds(20)) {
            let rules = try prometheus.rules()
            return rules.count == 23 && rules.values.allSatisfy { $0 == "ok" }
        }
        try Eventually.holds("no alert of Pulih is left", timeout: .seconds(20)) { try prometheus.alerts().isEmpty }
        try prometheus.stop()
        try service.stop(timeout: .seconds(15))
    }
}
