import Foundation
import Support
import Testing

/// The outage drill's last act with a real relay: `OutageDrillTests` has the hour before it, on a clock of its own.
@Suite
struct RelayRecoveryTests {
    private static let people = 40
    private static let lanes = 3

    @Test("After an outage the backlog goes out over few connections, each mail once")
    func recovery() throws {
        let installation = try Installation(settings: "worker: { lanes: \(Self.lanes) },")
        let names = (1...Self.people).map { "user\($0)" }
        let list =
            ["user_id,email,user_type,otpauth"]
            + names.map { "\($0),\($0)@example.org,penyedia,otpauth://totp/Pulih:\($0)?secret=\(Installation.secret)" }
        try installation.succeed(
            "user", "import", try installation.folder.write(list.joined(separator: "\n"), to: "people.csv"))
        try installation.mail.stop()
        let service = try installation.start()
        for name in names {
            try installation.succeed(
                "queue", "add", "--user-id", name, "--email", "\(name)@example.org", "--user-type", "penyedia")
        }
        try service.waitForLine { $0.contains("event=relay.paused") }
        try installation.mail.start()
        let messages = try installation.mail.waitForMessages(Self.people, timeout: .seconds(60)) { _ in true }
        #expect(Set(messages.map(\.recipients)).count == Self.people)
        // The probe's connection is kept too; nothing but the tenth message on one ends it.
        #expect(installation.mail.connectionCount <= Self.lanes + Self.people / 10)
        try service.stop(timeout: .seconds(15))
        #expect(installation.mail.messages.count == Self.people)
        let jobs = try installation.jobs()
        #expect(jobs.count == Self.people)
        #expect(jobs.allSatisfy { $0.outcome == "mailed" && $0.attempts == 1 })
    }
}
