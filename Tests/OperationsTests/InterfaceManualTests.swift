import Domain
import Foundation
import HTTPServer
import Support
import Testing

/// What the man pages say of the operations listener, held to what it answers.
struct InterfaceManualTests {
    private func page(_ name: String) throws -> String {
        try ProjectFile.text("Sources/Program/Manuals/Pages/\(name).7.md")
    }

    /// The names of all keys, at every depth.
    private func keys(_ value: Any) -> Set<String> {
        if let object = value as? [String: Any] {
            return object.reduce(into: Set(object.keys)) { $0.formUnion(keys($1.value)) }
        }
        return (value as? [Any] ?? []).reduce(into: []) { $0.formUnion(keys($1)) }
    }

    private func keys(_ fixture: OperationsFixture, _ target: String) throws -> Set<String> {
        let response = try fixture.send(.get, target)
        return keys(try JSONSerialization.jsonObject(with: Data(response.text.utf8)))
    }

    @Test func everyMetricIsExplainedAndNoOther() throws {
        let fixture = try OperationsFixture(vacuum: VacuumMetrics(held: [:], liveJobs: 0, deadJobs: 0))
        try fixture.report("worker-1", ago: 7)
        try fixture.failWebhook()
        try fixture.countLogin()
        let exposition = try fixture.send(.get, "/metrics").text
        let told = Set(exposition.matches(of: /# TYPE (pulih_\w+)/).map { String($0.output.1) })
        let explained = Set(
            try page("pulih-metrics").matches(of: /\n\| `(pulih_\w+)[^|]*\|/).map { String($0.output.1) })
        #expect(told.count > 15)
        #expect(told == explained, "\(told.symmetricDifference(explained).sorted())")
    }

    @Test func everyKeyIsExplained() throws {
        let fixture = try OperationsFixture()
        try fixture.report("worker-1", ago: 7)
        let id = try fixture.enqueueDead()
        try fixture.failWebhook()
        try fixture.enqueue(ago: 12)
        _ = try fixture.order("/api/v1/lanes/mail-test/pause", #"{"why": "a test"}"#)
        let json = try page("pulih-json")
        let told = try keys(fixture, "/api/v1/status").subtracting(["rejected"])
            .union(try keys(fixture, "/api/v1/jobs/\(id)"))
            .union(try keys(fixture, "/api/v1/audit").subtracting(["events", "next"]))
        #expect(told.count > 40)
        for key in told { #expect(json.contains("`\(key)`"), "\(key)") }
        let api = try page("pulih-api")
        for key in try keys(fixture, "/readyz") { #expect(api.contains("`\(key)`"), "\(key)") }
    }

    @Test func everyRequestIsAnswered() throws {
        let fixture = try OperationsFixture()
        try fixture.enqueue()
        let requests = try page("pulih-api").matches(of: /`(GET|POST) (\/[^`?]+)/)
        #expect(requests.count > 10)
        for request in requests {
            let target = String(request.output.2).replacing("KIND", with: "reset-request").replacing("ID", with: "1")
            let response =
                request.output.1 == "GET"
                ? try fixture.send(.get, target) : try fixture.order(target, #"{"why": "a test"}"#)
            #expect(![404, 405].contains(response.status), "\(request.output.0)")
        }
    }
}
