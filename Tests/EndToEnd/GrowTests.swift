import Foundation
import Support
import Testing

/// The README's way past one machine, each command as it is printed but for names of hosts and files.
@Suite("Grow past one machine")
struct GrowTests {
    private let budi = Installation.budi

    @Test("Database, standby, moving over, two portals behind nginx, the loss of the first machine, and its return")
    func steps() throws {
        let machines = try DatabaseMachines()
        let (first, second) = (machines.first, machines.second)
        try machines.run(
            DatabaseMachines.lines(with: "createuser --pwprompt pulih"), on: first, typing: "rahasia\nrahasia\n")
        let standby = try DatabaseMachines.lines(with: "application_name=db2")
        try machines.run(String(standby[0]), on: second)
        try machines.configure(second)
        try machines.run(Array(standby.dropFirst()), on: second)
        let told = try machines.run(DatabaseMachines.lines(with: "synchronous_standby_names = 'db2'"), on: first)
        #expect(told.last?.contains("db2") == true && told.last?.contains("sync") == true, "\(told)")

        let installation = try Installation(on: .sqlite)
        try move(installation, to: machines)
        let portals = try TwoPortals(installation)
        let worker = try installation.start("worker")
        #expect(try portals.ask(for: budi) == 303)
        _ = try installation.resetMail(to: budi)

        try machines.run(DatabaseMachines.lines(with: "--mode=immediate stop"), on: first)
        let answer = try portals.askOnce(for: budi)
        #expect([502, 503, nil].contains(answer), "\(answer ?? 0)")
        try machines.run(DatabaseMachines.lines(with: "--wait promote"), on: second)
        #expect(try portals.ask(for: Installation.sari) == 303)
        _ = try installation.mail.waitForMessage(timeout: .seconds(60)) {
            $0.isAccepted && $0.recipients == [Installation.sari.email]
        }
        let check = try installation.run("check")
        #expect(check.output.contains("database"), "\(check.output)")
        try bringBack(first, of: machines)
        #expect(try portals.ask(for: budi) == 303)
        let requests =
            "psql --tuples-only --dbname=pulih --command=\"SELECT count(*) FROM job WHERE kind = 'reset-request'\""
        let kept = try machines.run(requests, on: second)
        try Eventually.holds("db1 has what was asked for:\(kept)") { try machines.run(requests, on: first) == kept }
        try worker.stop(timeout: .seconds(20))
    }

    /// The lost machine follows the other, which waits for it.
    private func bringBack(_ lost: DatabaseMachines.Machine, of machines: DatabaseMachines) throws {
        let steps = try DatabaseMachines.lines(with: "application_name=db1")
        try machines.run(Array(steps.dropLast()), on: lost)
        try machines.configure(lost)
        try machines.run(String(steps[steps.count - 1]), on: lost)
        let names = try DatabaseMachines.lines(with: "synchronous_standby_names = 'db1'")
        try machines.run(Array(names.dropLast()), on: machines.second)
        try Eventually.holds("db1 is synchronous", timeout: .seconds(20)) {
            let told = try machines.run(String(names[names.count - 1]), on: machines.second)
            return told.contains("db1") && told.contains("sync") && !told.contains("async")
        }
    }

    /// As the README has it: copy, then one key of the configuration.
    private func move(_ installation: Installation, to machines: DatabaseMachines) throws {
        let password = try installation.folder.write("rahasia\n", to: "database.password")
        let line = try ProjectFile.readmeBlock("sh", with: "pulih database copy").trimmed
            .replacingOccurrences(of: "db1.example.org", with: "\(machines.first.address):\(machines.port)")
            .replacingOccurrences(of: "db2.example.org", with: "\(machines.second.address):\(machines.port)")
            .replacingOccurrences(of: "/etc/pulih/database.password", with: password)
        let url = try #require(line.firstMatch(of: /--to "([^"]+)"/)).output.1
        let arguments = try #require(line.wholeMatch(of: /pulih database copy --to "[^"]+" --password-file (\S+)/))
        let copied = try installation.run(
            ["database", "copy", "--to", String(url), "--password-file", String(arguments.output.1)])
        try #require(copied.exit == .code(0), "\(copied.error)")
        let text = try installation.folder.read("pulih.json5").replacingOccurrences(
            of: "database: { path: \"pulih.db\" }",
            with: "database: { url: \"\(url)\", passwordFile: \"database.password\" }")
        #expect(text.contains("database.password"))
        try installation.folder.write(text, to: "pulih.json5")
    }
}
