import Domain
import HTTPServer
import Operations
import Support
import Testing

struct HealthTests {
    private struct Readiness: Decodable, Equatable {
        struct Check: Decodable, Equatable {
            let ok: Bool
            let reason: String
            let action: String?
        }

        let status: String
        let checks: [String: Check]

        var failed: [String] { checks.filter { !$0.value.ok }.keys.sorted() }
    }

    private func readiness(_ fixture: OperationsFixture, status: Int) throws -> Readiness {
        let response = try fixture.send(.get, "/readyz")
        #expect(response.status == status)
        #expect(response.headers["Content-Type"] == "application/json")
        return try response.json()
    }

    @Test func aWorkerThatReportsAndAShortQueueAreReady() throws {
        let fixture = try OperationsFixture()
        try fixture.report(ago: 59)
        try fixture.enqueue(ago: 299)
        let readiness = try readiness(fixture, status: 200)
        #expect(readiness.status == "ok" && readiness.failed == [])
        #expect(readiness.checks["worker"]?.reason == "1 alive, heard of 59 s ago")
        #expect(readiness.checks["queue"]?.reason == "the oldest ready job has waited for 299 s")
        #expect(readiness.checks.keys.sorted() == ["database", "lanes", "queue", "relay", "worker"])
        #expect(readiness.checks.values.allSatisfy { $0.action == nil }, "nothing is to be done")
    }

    @Test func eachFailureIsToldWithItsReason() throws {
        let fixture = try OperationsFixture()
        #expect(try readiness(fixture, status: 503).checks["worker"]?.reason == "none has reported")
        try fixture.report(ago: 60)
        #expect(
            try readiness(fixture, status: 503).checks["worker"]?.reason
                == "none alive, the last was heard of 60 s ago")
        try fixture.report(ago: 0, relay: "open", reason: "Connection refused.")
        let paused = try readiness(fixture, status: 503)
        #expect(paused.failed == ["relay"] && paused.status == "unavailable")
        #expect(paused.checks["relay"]?.reason == "paused: Connection refused.")
        try fixture.report(ago: 0, relay: "closed")
        try fixture.enqueue(ago: 300)
        let late = try readiness(fixture, status: 503)
        #expect(late.failed == ["queue"])
        #expect(late.checks["queue"]?.reason == "the oldest ready job has waited for 300 s, the limit is 300 s")
        #expect(late.checks["queue"]?.action?.contains("worker.lanes") == true)
    }

    @Test func aPausedLaneIsToldWithWhoAndWhy() throws {
        let fixture = try OperationsFixture()
        try fixture.report()
        try fixture.pause("reset-notice", why: "a slip in a template")
        let paused = try readiness(fixture, status: 503)
        #expect(paused.failed == ["lanes"])
        #expect(paused.checks["lanes"]?.reason == "reset-notice paused by operator:ani: a slip in a template")
        #expect(paused.checks["lanes"]?.action == "When the reason is gone: pulih queue resume KIND.")
    }

    @Test func aDatabaseThatCanBeReadAndNotWrittenIsNotReady() throws {
        let fixture = try OperationsFixture()
        try fixture.report()
        // Stands in the way of this one write.
        try fixture.sql("CREATE TRIGGER full BEFORE INSERT ON probe BEGIN SELECT RAISE(ABORT, 'no space'); END")
        let readiness = try readiness(fixture, status: 503)
        #expect(readiness.failed == ["database"], "what can be read is told")
        #expect(readiness.checks["database"]?.action != nil)
        #expect(fixture.logger.lines.contains { $0.hasPrefix("error storage.failed") })
    }

    @Test func withoutADatabaseLivenessStaysAndReadinessGoes() throws {
        let (clock, logger) = (FixedClock(OperationsFixture.start), TestLogger())
        let operations = try OperationsFixture.operations(BrokenStore(), clock, logger)
        func answer(_ target: String) throws -> Response {
            let headers = Headers([Field(name: "Host", value: "localhost")])
            return operations.answer(
                try Request(method: .get, target: target, headers: headers), with: operations.router)
        }
        #expect(try answer("/healthz").status == 200)
        let response = try answer("/readyz")
        #expect(response.status == 503)
        let readiness: Readiness = try response.json()
        #expect(readiness.failed == ["database", "lanes", "queue", "relay", "worker"])
        #expect(readiness.checks["database"]?.reason == "The disk is full.")
        #expect(try answer("/metrics").status == 503)
        #expect(try answer("/metrics").text == #"{"error":"The disk is full."}"#)
    }
}
