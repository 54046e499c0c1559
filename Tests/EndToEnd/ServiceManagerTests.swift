import Foundation
import Glibc
import Support
import Testing

/// `pulih portal` and `pulih worker` under a service manager.
@Suite
struct ServiceManagerTests {
    /// An installation whose keys and passwords lie where only the manager finds them.
    private struct House {
        let installation: Installation
        let token = "operations-token-5be1"

        init() throws {
            installation = try Installation()
            let folder = installation.folder
            try folder.write(
                try folder.read("pulih.json5")
                    .replacingOccurrences(
                        of: "\"127.0.0.1:\(installation.portal.number)\" }", with: "\"systemd:portal\" }"
                    )
                    .replacingOccurrences(
                        of: "\"127.0.0.1:\(installation.operations.number)\" }",
                        with: "\"systemd:operations\", tokenFile: \"operations.token\" }"
                    )
                    .replacingOccurrences(of: "\"keys\"", with: "\"nowhere/keys\"")
                    .replacingOccurrences(of: "\"relay.password\"", with: "\"nowhere/relay.password\""),
                to: "managed.json5")
        }

        /// What systemd's LoadCredential= makes of the units: a folder for each, with these files and no other.
        func credentials(_ role: String, _ keys: String...) throws -> String {
            let folder = installation.folder
            for key in keys {
                try folder.write(try folder.read("keys/\(key).key"), to: "credentials-\(role)/\(key).key", mode: 0o400)
            }
            if role == "worker" {
                try folder.write(Installation.relayPassword, to: "credentials-worker/relay.password", mode: 0o440)
                try folder.write(token, to: "credentials-worker/operations.token", mode: 0o400)
            }
            return folder.file("credentials-\(role)")
        }

        func start(
            _ role: String, socket: KeyValuePairs<String, FreePort>, _ keys: [String], watchdog: Int = 4,
            abstract: Bool = true, starts: Int = 1
        ) throws -> Subprocess {
            let folder = installation.folder
            var path = ""
            for key in keys { path = try credentials(role, key) }
            return try FakeServiceManager.start(
                [try Binary.path(named: "pulih"), role, "--config", folder.file("managed.json5")], sockets: socket,
                credentials: path, watchdog: watchdog, abstract: abstract, starts: starts, in: folder)
        }
    }

    @Test("Portal and worker under a manager: sockets handed over, only their own secrets, ready, alive, stopping")
    func life() throws {
        let house = try House()
        let installation = house.installation
        let portal = try house.start(
            "portal", socket: ["other": try FreePort(), "portal": installation.portal],
            ["link", "captcha", "form", "seal"])
        let portalReady = try portal.waitForLine(timeout: .seconds(20)) { $0.hasPrefix("notify READY=1") }
        #expect(portalReady.text == "notify READY=1 STATUS=Serving the portal on systemd:portal.")
        let worker = try house.start(
            "worker", socket: ["operations": installation.operations], ["link", "captcha", "form"], abstract: false)
        let ready = try worker.waitForLine(timeout: .seconds(20)) { $0.hasPrefix("notify READY=1") }
        #expect(
            ready.text == "notify READY=1 STATUS=Serving the queue, the operations pages on systemd:operations.")

        // A reset goes all the way: captcha, link and form keys and the relay's password were found.
        #expect(try installation.ask(for: Installation.budi).status == 303)
        let link = try installation.link(in: try installation.resetMail(to: Installation.budi))
        let path = String(link.dropFirst(installation.publicURL.count))
        #expect(try HTTPClient(port: installation.portal.number).get(path).status == 200)
        // A login goes all the way: the seal key was found.
        let person = LoginClient(installation.portal)
        #expect(try person.enter(Installation.sari) == "/login/code")
        var phone = AuthenticatorApp(secret: Installation.secret)
        #expect(try person.isLetIn(by: try phone.code()))
        // The token was found, and is asked for.
        let operations = HTTPClient(port: installation.operations.number)
        #expect(try operations.get("/api/v1/jobs").status == 401)
        #expect(
            try operations.get("/api/v1/jobs", headers: [("Authorization", "Bearer \(house.token)")]).status == 200)

        for (process, ready) in [(portal, portalReady), (worker, ready)] {
            let first = try process.waitForLine(after: ready, timeout: .seconds(20)) { $0 == "notify WATCHDOG=1" }
            try process.waitForLine(after: first, timeout: .seconds(20)) { $0 == "notify WATCHDOG=1" }
            process.signal(SIGTERM)
            let stopping = try process.waitForLine(timeout: .seconds(20)) { $0.hasPrefix("notify STOPPING=1") }
            try process.waitForLine(after: stopping, timeout: .seconds(20)) { $0 == "ended 0 no core" }
            #expect(!process.lines.dropFirst(stopping.index + 1).contains { $0.text.contains("WATCHDOG") })
        }
    }

    @Test("The sockets of a stopped service listen on: who connects meanwhile waits and is served by the next process")
    func handOver() throws {
        let house = try House()
        let port = house.installation.portal.number
        let portal = try house.start(
            "portal", socket: ["portal": house.installation.portal], ["link", "captcha", "form", "seal"], starts: 2)
        let first = try portal.waitForLine(timeout: .seconds(20)) { $0.contains("event=service.started") }
        #expect(try HTTPClient(port: port).get("/reset").status == 200)
        portal.signal(SIGTERM)
        let ended = try portal.waitForLine(after: first, timeout: .seconds(20)) { $0 == "ended 0 no core" }
        let waiting = try HTTPConnection(port: port, timeout: 30)
        try waiting.send("GET /reset HTTP/1.1\r\nHost: localhost\r\n\r\n")
        #expect(!waiting.isReadable(within: 0))
        portal.signal(SIGUSR1)
        #expect(try waiting.readAnswer().status == 200)
        let second = try portal.waitForLine(after: ended, timeout: .seconds(20)) {
            $0.contains("event=service.started")
        }
        portal.signal(SIGTERM)
        try portal.waitForLine(after: second, timeout: .seconds(20)) { $0 == "ended 0 no core" }
    }

    @Test("Restarts under load: no client that connects for each request is turned away or left without an answer")
    func restarts() throws {
        let house = try House()
        let port = house.installation.portal.number
        let portal = try house.start(
            "portal", socket: ["portal": house.installation.portal], ["link", "captcha", "form", "seal"], starts: 6)
        var line = try portal.waitForLine(timeout: .seconds(20)) { $0.contains("event=service.started") }
        let clients = (0..<4).map { _ in
            BackgroundLoad { _ in
                let connection = try HTTPConnection(port: port, timeout: 30)
                try connection.send("GET /reset HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
                return try connection.readAnswer().status == 200
            }
        }
        for _ in 1...5 {
            for client in clients { try client.waitForCount(client.count + 3) }
            portal.signal(SIGTERM)
            line = try portal.waitForLine(after: line, timeout: .seconds(20)) { $0 == "ended 0 no core" }
            portal.signal(SIGUSR1)
            line = try portal.waitForLine(after: line, timeout: .seconds(20)) { $0.contains("event=service.started") }
        }
        for client in clients { #expect(try client.stop() > 15) }
        portal.signal(SIGTERM)
        try portal.waitForLine(after: line, timeout: .seconds(20)) { $0 == "ended 0 no core" }
    }

    @Test(
        "A service that hangs is no longer alive to its manager, says which part hangs, and recovers with it", .onSQLite
    )
    func hang() throws {
        let house = try House()
        let worker = try house.start(
            "worker", socket: ["operations": house.installation.operations], ["link", "captcha", "form"], watchdog: 1)
        let alive = try worker.waitForLine(timeout: .seconds(20)) { $0 == "notify WATCHDOG=1" }
        // Nobody can commit while another process holds the lock for a checkpoint that does not end.
        let lock = house.installation.folder.file("pulih.db.lock")
        let holder = try Subprocess(
            "python3",
            [
                "-u", "-c",
                "import fcntl, signal, sys; f = open(sys.argv[1]); fcntl.flock(f, fcntl.LOCK_EX); print('held'); signal.pause()",
                lock,
            ])
        try holder.waitForLine { $0 == "held" }
        let stuck = try worker.waitForLine(after: alive, timeout: .seconds(30)) {
            $0.contains("event=service.stuck") && $0.contains("writer")
        }
        var later = stuck
        for _ in 1...4 {
            later = try worker.waitForLine(after: later, timeout: .seconds(30)) { $0.contains("event=service.stuck") }
        }
        let between = worker.lines[stuck.index...later.index]
        #expect(!between.contains { $0.text.contains("WATCHDOG=1") }, "\(between.map(\.text))")
        #expect(worker.lines.contains { $0.text.hasPrefix("notify STATUS=Stuck: no answer from") })
        try holder.stop(timeout: .seconds(5))
        try worker.waitForLine(after: later, timeout: .seconds(30)) { $0 == "notify WATCHDOG=1" }
    }

    @Test("A worker has no use for the seal key, a portal none for the relay's password; what is missing is named")
    func leastRights() throws {
        let house = try House()
        let portal = try house.start(
            "portal", socket: ["portal": house.installation.portal], ["link", "captcha", "form"])
        try portal.waitForLine(timeout: .seconds(20)) { $0 == "ended 1 no core" }
        #expect(portal.text(.error).contains("nowhere/keys/seal.key cannot be read"))
        #expect(!portal.text(.error).contains("relay.password"))
        let nameless = try house.start(
            "portal", socket: ["other": house.installation.portal], ["link", "captcha", "form", "seal"])
        try nameless.waitForLine(timeout: .seconds(20)) { $0 == "ended 1 no core" }
        #expect(nameless.text(.error).contains("No socket named portal was handed over"))
        #expect(nameless.text(.error).contains("handed over: other"))
    }

    @Test("A running service leaves no core file and is closed to other processes of its user")
    func privacy() throws {
        let installation = try Installation()
        // As a user without powers, as a service runs; root may look at everything anyway.
        let isRoot = getuid() == 0
        let folder = installation.folder
        let authority = try #require(
            try folder.read("pulih.json5").firstMatch(of: /caFile: "([^"]*)"/).map { String($0.output.1) })
        try folder.write(try String(contentsOfFile: authority, encoding: .utf8), to: "authority.pem")
        try folder.write(
            try folder.read("pulih.json5").replacingOccurrences(of: authority, with: "authority.pem"), to: "pulih.json5"
        )
        if isRoot { try Subprocess.output(of: "chown", ["-R", "nobody", folder.path]) }
        let plain = isRoot ? ["setpriv", "--reuid=65534", "--clear-groups", "--"] : []
        for signal in [SIGSEGV, SIGABRT] {
            let command =
                plain + ["bash", "-c", "ulimit -c unlimited; cd \(folder.path); exec \"$@\"", "start"]
                + [try Binary.path(named: "pulih"), "serve", "--config", installation.configuration]
            let service = try FakeServiceManager.start(["/usr/bin/env"] + command, sockets: [:], in: folder)
            let started = try service.waitForLine(timeout: .seconds(20)) { $0.contains("event=service.started") }
            let process = try #require(
                started.text.split(separator: " ").first { $0.hasPrefix("process=") }?.dropFirst(8))
            let reader = plain + ["head", "-c", "1", "/proc/\(process)/mem"]
            let look = try Subprocess.run(reader[0], Array(reader.dropFirst()))
            #expect(look.error.contains("Permission denied"), "\(look)")
            kill(try #require(pid_t(process)), signal)
            try service.waitForLine(timeout: .seconds(20)) { $0 == "ended -\(signal) no core" }
            let left = try FileManager.default.contentsOfDirectory(atPath: folder.path)
            #expect(!left.contains { $0.hasPrefix("core") }, "\(left)")
        }
    }
}
