import Foundation
import Glibc
import Support
import Testing
import Threading

/// `pulih serve`, told by SIGHUP to take up changed files.
@Suite
struct ReloadTests {
    /// An installation with templates of its own.
    private struct House {
        let installation: Installation
        var folder: TemporaryFolder { installation.folder }

        init(_ settings: String = "") throws {
            installation = try Installation(settings: "templates: { directory: \"templates\" }, \(settings)")
            try Subprocess.output(of: "cp", ["-r", ProjectFile.path("templates"), folder.file("templates")])
        }

        func change(_ file: String, _ old: String, to new: String) throws {
            let text = try folder.read(file)
            try #require(text.contains(old), "\(file) has no \(old)")
            try folder.write(text.replacingOccurrences(of: old, with: new), to: file)
        }

        func rename(to name: String) throws {
            try change("templates/words/id.json5", "\n        name: \"Pulih\",", to: "\n        name: \"\(name)\",")
        }
    }

    /// Sends HUP and waits for the line that tells what came of it.
    @discardableResult
    private func reload(
        _ process: Subprocess, after line: Subprocess.Line? = nil, expecting event: String = "reload.done"
    ) throws -> Subprocess.Line {
        let last = try line ?? #require(process.lines.last)
        process.signal(SIGHUP)
        return try process.waitForLine(after: last, timeout: .seconds(20)) { $0.contains("event=\(event)") }
    }

    private func page(_ connection: HTTPConnection) throws -> String {
        try connection.send("GET /reset HTTP/1.1\r\nHost: localhost\r\n\r\n")
        let answer = try connection.readAnswer()
        #expect(answer.status == 200 && answer.header("Connection") == nil)
        return answer.text
    }

    @Test("A changed word is on the next page of the same connection, a changed setting in the next mail")
    func taken() throws {
        let house = try House()
        let installation = house.installation
        let process = try installation.start()
        let connection = try HTTPConnection(port: installation.portal.number)
        #expect(try !page(connection).contains("Pulih Baru"))

        try house.rename(to: "Pulih Baru")
        try house.change("pulih.json5", "Pulih <pulih@example.org>", to: "Kampus <kampus@example.org>")
        try house.change("pulih.json5", "reset: {", to: "reset: { linkLifetime: \"17 min\",")
        try reload(process)
        #expect(try page(connection).contains("Pulih Baru"))
        #expect(try installation.ask(for: Installation.budi).status == 303)
        let mail = try installation.resetMail(to: Installation.budi)
        #expect(try mail.parsed().header("From") == "Kampus <kampus@example.org>")
        #expect(try mail.parsed().text?.contains("17 menit") == true)
        #expect(!process.transcript.contains("reload.incomplete"))
        #expect(try process.stop(timeout: .seconds(20)) == .code(0))
    }

    @Test("With a mistake it goes on as before, and names file, place and mistake to the log and to the manager")
    func mistaken() throws {
        let house = try House()
        let installation = house.installation
        let process = try FakeServiceManager.start(
            [try Binary.path(named: "pulih"), "serve", "--config", installation.configuration], sockets: [:],
            in: house.folder)
        var line = try process.waitForLine(timeout: .seconds(20)) { $0.contains("event=service.started") }
        let connection = try HTTPConnection(port: installation.portal.number)
        #expect(try !page(connection).contains("Pulih Baru"))
        try house.rename(to: "Pulih Baru")

        let mistakes = [
            ("templates/pages/reset.html", "{{> head}}", "{{> head}}\n{{no_such_name}}", "no_such_name"),
            ("templates/mail/id/reset-link.txt", "{{{lifetime_minutes}}}", "{{{minutes}}}", "minutes"),
            ("pulih.json5", "tls: \"starttls\"", "tls: \"starttsl\"", "smtp.tls"),
            ("pulih.json5", "mail: {", "mail: {,", "not JSON5"),
            ("keys/form.key", " ", "", "form.key"),
        ]
        for (file, old, new, word) in mistakes {
            let text = try house.folder.read(file)
            try house.change(file, old, to: new)
            line = try reload(process, after: line, expecting: "reload.failed")
            #expect(line.text.contains("level=error") && line.text.contains(word), "\(line.text)")
            #expect(line.text.contains(file.split(separator: "/").last!), "\(line.text)")
            let told = try process.waitForLine(timeout: .seconds(20)) {
                $0.contains("notify READY=1") && $0.contains("Not reloaded: ") && $0.contains(word)
            }
            #expect(
                process.lines[..<told.index].contains { $0.text.contains(#/notify RELOADING=1 MONOTONIC_USEC=\d+ /#) })
            #expect(try !page(connection).contains("Pulih Baru"))
            try house.folder.write(text, to: file)
        }
        line = try reload(process, after: line)
        #expect(try page(connection).contains("Pulih Baru"))
        #expect(try installation.ask(for: Installation.budi).status == 303)
        _ = try installation.resetMail(to: Installation.budi)
        try process.stop(timeout: .seconds(20))
    }

    @Test("A mail under way finishes as it began")
    func mailUnderWay() throws {
        let house = try House("worker: { lanes: 1 },")
        let installation = house.installation
        try installation.mail.follow([.delay(.seconds(6), at: .body, times: 1)])
        let process = try installation.start()
        #expect(try installation.ask(for: Installation.budi).status == 303)
        let first = try installation.mail.waitForMessage { _ in true }
        try house.change("pulih.json5", "Pulih <pulih@example.org>", to: "Kampus <kampus@example.org>")
        let reloaded = try reload(process)
        let settled = try process.waitForLine(after: reloaded, timeout: .seconds(20)) {
            $0.contains("event=job.settled")
        }
        #expect(settled.text.contains("mailed"), "\(settled.text)")
        #expect(try installation.ask(for: Installation.sari).status == 303)
        let second = try installation.mail.waitForMessages(2, timeout: .seconds(20)) { _ in true }[1]
        #expect(try first.parsed().header("From") == "Pulih <pulih@example.org>")
        #expect(try second.parsed().header("From") == "Kampus <kampus@example.org>")
        try process.stop(timeout: .seconds(20))
        #expect(installation.mail.messages.count == 2)
    }

    @Test("What only a new process heeds is named and left as it was")
    func incomplete() throws {
        let house = try House()
        let process = try house.installation.start()
        let other = try FreePort()
        try house.change(
            "pulih.json5", "listen: \"127.0.0.1:\(house.installation.portal.number)\"",
            to: "listen: \"127.0.0.1:\(other.number)\"")
        try house.change("pulih.json5", "mail: {", to: "worker: { lanes: 2 }, mail: {")
        try house.rename(to: "Pulih Baru")
        let last = try #require(process.lines.last)
        try reload(process)
        let warning = try process.waitForLine(after: last) { $0.contains("event=reload.incomplete") }
        #expect(
            warning.text.contains("level=warning")
                && warning.text.contains("keys=\"http.listen, worker.lanes, worker.maxLanes\""))
        #expect(try page(try HTTPConnection(port: house.installation.portal.number)).contains("Pulih Baru"))
        #expect(throws: HTTPClientError.notConnected(errno: ECONNREFUSED)) { try HTTPConnection(port: other.number) }
        try process.stop(timeout: .seconds(20))
    }

    @Test("Fifty reloads under load: no connection is dropped, no request fails, each mail goes out once")
    func underLoad() throws {
        let house = try House()
        let installation = house.installation
        let process = try installation.start()
        let port = installation.portal.number
        let readers = (0..<3).map { _ in
            BackgroundLoad { _ in
                // One connection for a hundred requests, dropped by the client alone.
                let connection = try HTTPConnection(port: port)
                return try (0..<100).allSatisfy { _ in
                    try connection.send("GET /reset HTTP/1.1\r\nHost: localhost\r\n\r\n")
                    return try connection.readAnswer().status == 200
                }
            }
        }
        var line = try #require(process.lines.last)
        for number in 1...50 {
            let (old, new) = number.isMultiple(of: 2) ? ("Pulih Baru", "Pulih") : ("Pulih", "Pulih Baru")
            try house.change("templates/words/id.json5", "        name: \"\(old)\",", to: "        name: \"\(new)\",")
            #expect(try installation.ask(for: Installation.budi).status == 303)
            line = try reload(process, after: line)
        }
        for reader in readers { #expect(try reader.stop() > 0) }
        let mails = try installation.mail.waitForMessages(50, timeout: .seconds(60))
        #expect(Set(try mails.map { try $0.parsed().header("Message-ID") }).count == 50)
        #expect(try process.stop(timeout: .seconds(20)) == .code(0))
        #expect(installation.mail.messages.count == 50)
    }
}
