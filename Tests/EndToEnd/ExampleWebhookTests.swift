import Domain
import Foundation
import Glibc
import Support
import Testing

/// What the example application does with webhooks: those of strangers, and all of Pulih's own, each once.
@Suite struct ExampleWebhookTests {
    /// An event as somebody sends it.
    private struct Sent {
        var id = "evt_1"
        var body: String
        var headers: [(String, String)]

        /// Signed as Pulih signs.
        init(
            _ name: WebhookEvent.Name, of userID: String = "budi", happened: Date = Date(), id: String = "evt_1",
            secrets: [String] = [ExampleApplication.secret], sent: Date = Date()
        ) throws {
            func instant(_ date: Date) -> Instant {
                Instant(milliseconds: Int64(date.timeIntervalSince1970 * 1000))
            }
            let event = WebhookEvent(name, at: instant(happened), userID: userID, userType: "penyedia")
            let message = try WebhookMessage(event, id: id)
            self.id = id
            body = message.body
            let signer = WebhookSigner(try secrets.map { try #require(WebhookSecret($0)) })
            headers = signer.headers(of: message, at: instant(sent)).map { line in
                let colon = line.firstIndex(of: ":") ?? line.endIndex
                return (String(line[..<colon]), String(line[colon...].dropFirst(2)))
            }
        }

        func post(to example: ExampleApplication) throws -> Int {
            try HTTPClient(port: example.port.number).post(
                "/webhooks/pulih", type: "application/json", body: Array(body.utf8), headers: headers
            ).status
        }

        func with(_ change: (inout Sent) -> Void) -> Sent {
            var copy = self
            change(&copy)
            return copy
        }

        mutating func set(_ name: String, _ value: String?) {
            headers.removeAll { $0.0 == name }
            if let value { headers.append((name, value)) }
        }
    }

    @Test("What is forged, tampered with, stale or sent again changes nothing; either secret of a rotation is good")
    func strangers() throws {
        let example = try ExampleApplication()
        let service = try example.installation.start("portal")
        try example.take(over: Installation.budi)
        let application = try example.start()
        let before = try example.dump()
        let good = try Sent(.totpReset)
        let other = "whsec_\(Data((1...32).map { $0 }).base64EncodedString())"
        let (stale, early) = (Date(timeIntervalSinceNow: -400), Date(timeIntervalSinceNow: 400))
        let refused = [
            try Sent(.totpReset, secrets: [other]), try Sent(.totpReset, sent: stale),
            try Sent(.totpReset, sent: early), good.with { $0.body += " " },
            good.with { $0.body = $0.body.replacingOccurrences(of: "budi", with: "sari") },
            good.with { $0.set("webhook-id", "evt_2") }, good.with { $0.set("webhook-id", nil) },
            good.with { $0.set("webhook-timestamp", "\(Int(Date().timeIntervalSince1970) + 7)") },
            good.with { $0.set("webhook-timestamp", "") }, good.with { $0.set("webhook-timestamp", "9e9") },
            good.with { $0.set("webhook-signature", nil) }, good.with { $0.set("webhook-signature", "v1,") },
            good.with { $0.set("webhook-signature", "v1,\u{e9}") },
            good.with { $0.headers = [] },
        ]
        for (number, sent) in refused.enumerated() {
            #expect(try sent.post(to: example) == 401, "\(number)")
            #expect(try example.dump() == before, "\(number)")
        }
        #expect(try good.with { $0.body = String(repeating: "x", count: 70_000) }.post(to: example) == 413)
        #expect(try example.dump() == before)

        // Once, however often it comes, also with a new time, as Pulih sends it again.
        #expect(try good.post(to: example) == 204)
        let after = try example.dump()
        #expect(after != before)
        #expect(try example.rows("SELECT has_totp FROM user") == ["0"])
        #expect(try good.post(to: example) == 204)
        #expect(try Sent(.totpReset, sent: Date(timeIntervalSinceNow: 5)).post(to: example) == 204)
        #expect(try example.rows("SELECT type, webhook_id FROM history") == ["totp.reset|evt_1"])

        // What comes late undoes nothing that happened after it.
        #expect(try Sent(.totpActivated, happened: stale, id: "evt_0").post(to: example) == 204)
        #expect(try example.rows("SELECT has_totp FROM user") == ["0"])
        #expect(try Sent(.totpActivated, of: "BUDI", id: "evt_2").post(to: example) == 204)
        #expect(try example.rows("SELECT has_totp FROM user") == ["1"])
        for (number, name) in [WebhookEvent.Name.test, .accountChanged, .totpReset].enumerated() {
            #expect(try Sent(name, of: "nobody", id: "evt_\(number + 10)").post(to: example) == 204)
        }
        #expect(try example.rows("SELECT has_totp FROM user") == ["1"])

        // A rotation, without a restart of the application.
        #expect(try Sent(.totpDisabled, id: "evt_3", secrets: [other]).post(to: example) == 401)
        try example.setSecrets(ExampleApplication.secret, other)
        #expect(try Sent(.totpDisabled, id: "evt_3", secrets: [other]).post(to: example) == 204)
        let both = try Sent(.totpActivated, id: "evt_4", secrets: [ExampleApplication.secret, other])
        try example.setSecrets(other)
        #expect(try both.post(to: example) == 204)
        #expect(try Sent(.totpDisabled, id: "evt_5").post(to: example) == 401)
        #expect(!application.transcript.contains("Traceback"), "\(application.transcript)")
        try service.stop(timeout: .seconds(20))
    }

    private static let seeds: [UInt64] = [1, .random(in: 2...UInt64.max)]

    @Test(
        "Twenty resets while worker and application are killed: no event is lost, none is applied twice",
        arguments: seeds)
    func killed(seed: UInt64) throws {
        let example = try ExampleApplication(settings: "worker: { lease: \"5 s\" },")
        let installation = example.installation
        let people = (1...20).map { "user\($0)" }
        let list =
            ["user_id,email,user_type,totp_secret"]
            + people.map { "\($0),\($0)@example.org,penyedia,\(Installation.secret)" }
        try installation.succeed(
            "user", "import", try installation.folder.write(list.joined(separator: "\n"), to: "people.csv"))
        let portal = try installation.start("portal")
        try example.take(over: people.map { ($0, "\($0)@example.org", "penyedia") })

        let key = try installation.folder.read("application.key").trimmed
        let random = SeededRandom(seed)
        var applications = [try example.start()]
        var worker = try installation.start("worker")
        for person in people {
            let (last, lastOfWorker) = (applications[applications.count - 1].lines.last, worker.lines.last)
            let reset = try HTTPClient(port: example.api.number).delete(
                "/v1/users/\(person)/totp", headers: [("Authorization", "Bearer \(key)")])
            try #require(reset.status == 200)
            // Kills come before the delivery, right after the application has kept an event and before Pulih knows of it, or
            // when Pulih has just heard.
            switch random.below(4) {
            case 0:
                _ = try? applications[applications.count - 1].waitForLine(after: last, timeout: .seconds(1)) {
                    $0.contains(" applied")
                }
            case 1:
                _ = try? worker.waitForLine(after: lastOfWorker, timeout: .seconds(1)) { $0.contains("kind=webhook") }
            default: break
            }
            if random.below(3) == 0 {
                worker.signal(SIGKILL)
                try worker.waitForExit()
                worker = try installation.start("worker")
            }
            if random.below(4) == 0 {
                applications[applications.count - 1].signal(SIGKILL)
                try applications[applications.count - 1].waitForExit()
                applications.append(try example.start())
            }
        }
        // What a killed worker had in hand comes with the end of its lease, what met an application that was down when its
        // time comes: the operator does not wait for that.
        try Eventually.holds("all is told, seed \(seed)\n\(worker.transcript)", timeout: .seconds(45)) {
            let last = worker.lines.last
            let waiting = try example.pulihRows("SELECT state FROM job WHERE kind = 'webhook' AND state <> 'done'")
            if waiting.contains("scheduled") {
                try installation.succeed("queue", "retry", "--kind", "webhook", "--state", "scheduled", "--yes")
            } else if !waiting.isEmpty {
                _ = try? worker.waitForLine(after: last, timeout: .seconds(1)) { $0.contains("kind=webhook") }
            }
            return waiting.isEmpty
        }

        let told = try example.pulihRows("SELECT request_id FROM job WHERE kind = 'webhook' ORDER BY 1")
        #expect(try example.rows("SELECT webhook_id FROM received_webhook ORDER BY 1") == told)
        let resets = try example.pulihRows(
            "SELECT subject FROM audit_event WHERE name = 'authn_totp_reset' ORDER BY 1")
        #expect(resets.count == people.count)
        let effects = try example.rows("SELECT user_id FROM history WHERE type = 'totp.reset' ORDER BY 1")
        #expect(effects == resets, "seed \(seed)")
        #expect(try example.rows("SELECT count(DISTINCT webhook_id) FROM history") == ["\(people.count)"])
        #expect(try example.rows("SELECT DISTINCT has_totp FROM user") == ["0"])
        let again = applications.flatMap(\.lines).filter { $0.text.contains("was applied before") }.count
        print(
            "Example application, seed \(seed): \(told.count) events, \(again) came again, \(applications.count) applications"
        )
        try worker.stop(timeout: .seconds(20))
        try portal.stop(timeout: .seconds(20))
    }
}
