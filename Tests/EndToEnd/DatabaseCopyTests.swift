import Foundation
import Glibc
import Support
import Testing

/// `pulih database copy`, from a file to a real PostgreSQL server and back.
@Suite("Moving to another database", .onSQLite)
struct DatabaseCopyTests {
    private struct Told: Decodable {
        let rows: [String: Int]
        let isDryRun: Bool
    }

    @Test("Every row of every table arrives as it was, people log in and reset there, and it all comes back")
    func thereAndBack() throws {
        let moved = try MovedInstallation()
        let (installation, server) = (moved.installation, moved.server)
        let before = try moved.dump(moved.file)
        let content = try moved.content(onServer: false)
        #expect(content.count > 20)
        for (table, rows) in content { #expect(!rows.isEmpty, "nothing is in \(table)") }

        let copied = try moved.copy(to: server.url, "--json")
        try #require(copied.exit == .code(0), "\(copied.error)")
        let told = try JSONDecoder().decode(Told.self, from: Data(copied.output.utf8))
        #expect(told.rows == content.mapValues(\.count))
        let arrived = try moved.content(onServer: true)
        for (table, rows) in content { #expect(arrived[table] == rows, "\(table)") }
        #expect(try moved.dump(moved.file) == before, "the original")

        // Back to a file, before anything is written.
        let back = installation.folder.file("back.db")
        let returned = try moved.copy(to: back, from: moved.onServer)
        try #require(returned.exit == .code(0), "\(returned.error)")
        #expect(try moved.dump(back) == before)

        // What watches over rows is there again.
        #expect(throws: SupportFailure.self) { try server.execute("DELETE FROM audit_event;") }
        let fresh = try PostgreSQLFixture()
        try Subprocess.output(
            of: try Binary.path(named: "pulih"),
            ["user", "list", "--config", try moved.configuration("url: \"\(fresh.url)\"")])
        #expect(try schema(server) == schema(fresh))

        let given =
            Int(try moved.sqlite(moved.file, "SELECT seq FROM sqlite_sequence WHERE name = 'job';").trimmed) ?? 0
        let service = try installation.start("serve", configuration: moved.onServer)
        let person = LoginClient(installation.portal)
        #expect(try person.enter(Installation.sari) == "/login/code")
        var phone = AuthenticatorApp(secret: Installation.secret)
        #expect(try person.isLetIn(by: try phone.code()))
        #expect(try installation.ask(for: Installation.sari).status == 303)
        let mail = try installation.mail.waitForMessage(timeout: .seconds(20)) {
            $0.isAccepted && $0.recipients == [Installation.sari.email]
        }
        #expect(try !installation.link(in: mail).isEmpty)
        let first = try server.execute("SELECT min(id) FROM job WHERE kind = 'reset-request';")
        #expect(Int(first.trimmed) == given + 1, "ids go on after the last one given")
        try service.stop(timeout: .seconds(20))
    }

    @Test("Killed in the midst of it nothing is left, and it is simply run again", arguments: [true, false])
    func killed(toServer: Bool) throws {
        let moved = try MovedInstallation()
        try moved.sqlite(
            moved.file,
            """
            WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 150000)
            INSERT INTO job (kind, state, finished_at) SELECT 'other', 'done', i FROM n;
            """)
        let file = moved.installation.folder.file("back.db")
        if !toServer { try #require(try moved.copy(to: moved.server.url).exit == .code(0)) }
        let place = toServer ? moved.server.url : file
        let configuration = toServer ? moved.installation.configuration : try moved.onServer
        let process = try Subprocess(
            try Binary.path(named: "pulih"), ["database", "copy", "--to", place, "--config", configuration])
        try Eventually.holds("rows are on their way", timeout: .seconds(60)) {
            let progress =
                "SELECT coalesce(max(tuples_processed), 0) FROM pg_stat_progress_copy WHERE datname = current_database();"
            return Int(try moved.server.execute(progress).trimmed) ?? 0 > 10_000
        }
        process.signal(SIGKILL)
        #expect(try process.waitForExit() == .signal(SIGKILL))
        let count =
            "SELECT (SELECT count(*) FROM job) + (SELECT count(*) FROM account) + (SELECT count(*) FROM audit_event);"
        #expect(try (toServer ? moved.server.execute(count) : moved.sqlite(file, count)).trimmed == "0")
        let again = try moved.copy(to: place, from: configuration)
        #expect(again.exit == .code(0), "\(again.error)")
        let jobs = "SELECT count(*) FROM job;"
        #expect(
            try (toServer ? moved.server.execute(jobs) : moved.sqlite(file, jobs)).trimmed
                == moved.sqlite(moved.file, jobs).trimmed)
    }

    @Test("Nobody writes to what is being copied")
    func held() throws {
        let moved = try MovedInstallation()
        let server = moved.server
        try Subprocess.output(of: try Binary.path(named: "pulih"), ["user", "list", "--config", try moved.onServer])
        // Somebody at the target keeps the copy waiting in the midst of it.
        let other = try Subprocess(
            "psql", ["-X", "-q", "-d", server.url, "-f", "-"],
            input: "BEGIN; LOCK TABLE probe IN SHARE MODE; SELECT 'it is locked'; SELECT pg_sleep(60);\n")
        try other.waitForLine { $0.contains("it is locked") }
        let process = try Subprocess(
            try Binary.path(named: "pulih"),
            ["database", "copy", "--to", server.url, "--config", moved.installation.configuration])
        try Eventually.holds("the copy waits", timeout: .seconds(20)) {
            try server.execute("SELECT count(*) FROM pg_locks WHERE NOT granted;").trimmed == "1"
        }
        let write = try #require(throws: SupportFailure.self) {
            try moved.sqlite(moved.file, "UPDATE account SET email = 'lost@example.org';")
        }
        #expect("\(write)".contains("database is locked"))
        try server.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE '%pg_sleep(60)%' AND pid <> pg_backend_pid() AND datname = current_database();"
        )
        #expect(try process.waitForExit(timeout: .seconds(30)) == .code(0), "\(process.transcript)")
        try moved.sqlite(moved.file, "UPDATE account SET email = 'late@example.org';")
    }

    @Test(
        "Nor to a server that is being copied: people read on, who writes waits, and what is written then is not in the copy"
    )
    func heldOnServer() throws {
        let moved = try MovedInstallation()
        let (server, target) = (moved.server, try PostgreSQLFixture())
        try #require(try moved.copy(to: server.url).exit == .code(0))
        let program = try Binary.path(named: "pulih")
        try Subprocess.output(
            of: program, ["user", "list", "--config", try moved.configuration("url: \"\(target.url)\"")])
        let configuration = try moved.onServer
        // Somebody at the target keeps the copy waiting in the midst of it.
        let other = try Subprocess(
            "psql", ["-X", "-q", "-d", target.url, "-f", "-"],
            input: "BEGIN; LOCK TABLE probe IN SHARE MODE; SELECT 'it is locked'; SELECT pg_sleep(60);\n")
        try other.waitForLine { $0.contains("it is locked") }
        let copy = try Subprocess(
            program, ["database", "copy", "--to", target.url, "--config", configuration])
        let waiting =
            "SELECT count(*) FROM pg_locks JOIN pg_database ON oid = database WHERE NOT granted AND datname = current_database()"
        try Eventually.holds("the copy waits", timeout: .seconds(20)) {
            try target.execute(waiting).trimmed == "1"
        }
        let write = try #require(throws: SupportFailure.self) {
            try server.execute("SET lock_timeout = '200ms'; UPDATE account SET email = 'lost@example.org';")
        }
        #expect("\(write)".contains("lock timeout"))
        let list = try Subprocess.output(of: program, ["user", "list", "--config", configuration])
        #expect(list.contains("budi@example.org"))
        let change = try Subprocess(
            program, ["user", "set-email", "budi", "late@example.org", "--config", configuration])
        try Eventually.holds("the command waits", timeout: .seconds(20)) { try server.execute(waiting).trimmed == "1" }
        other.signal(SIGKILL)
        try target.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE '%pg_sleep(60)%' AND pid <> pg_backend_pid() AND datname = current_database()"
        )
        #expect(try copy.waitForExit(timeout: .seconds(30)) == .code(0), "\(copy.transcript)")
        #expect(try change.waitForExit(timeout: .seconds(30)) == .code(0), "\(change.transcript)")
        let email = "SELECT email FROM account WHERE user_id = 'budi'"
        #expect(try server.execute(email).trimmed == "late@example.org")
        #expect(try target.execute(email).trimmed == "budi@example.org")
    }

    @Test("What cannot be copied is refused with its cure, and nothing is changed anywhere")
    func refusals() throws {
        let moved = try MovedInstallation()
        let (url, before) = (moved.server.url, try moved.dump(moved.file))
        func refused(_ place: String, _ words: String, code: Int32 = 1, _ options: String...) throws {
            let finished = try moved.copy(to: place, options.first ?? "--json")
            #expect(finished.exit == .code(code) && finished.error.contains(words), "\(place): \(finished.error)")
        }
        try refused(moved.file, "is the database that is to be copied")
        try refused("\(url)?password=x", "--to holds the password", code: 2)
        try refused("mysql://db/pulih", "--to is not the address of a PostgreSQL database", code: 2)
        try refused("postgresql://pulih@127.0.0.1:1/pulih", "cannot be opened. Check host, port")
        try refused(url + "nowhere", "does not exist")
        let role = "reader\(getpid())"
        try moved.server.execute("CREATE ROLE \(role) LOGIN;")
        try refused(url.replacing("pulih@", with: "\(role)@"), "this user may not make tables")
        try refused(url.replacing("pulih@", with: "\(role)@"), "User \(role) may not make tables", "--dry-run")
        try moved.server.execute("DROP ROLE \(role);")

        let trial = try moved.copy(to: url, "--dry-run")
        #expect(trial.exit == .code(0) && trial.output.contains("Nothing was changed."), "\(trial.error)")
        #expect(trial.output.contains(/\n *job +699\n/), "\(trial.output)")
        #expect(try moved.server.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public';").trimmed == "0")

        // A text that is none, a row whose job another program deleted, and an event that was changed behind our back.
        try moved.sqlite(moved.file, "UPDATE webhook SET url = CAST(x'ff' AS TEXT);")
        try refused(url, "the column url holds bytes that are no text")
        try moved.sqlite(moved.file, "UPDATE webhook SET url = 'https://shop.example.org/hook';")
        try moved.sqlite(moved.file, "INSERT INTO openid_token VALUES (x'aa', 99, 'access', 5, NULL);")
        try refused(url, "a row refers to another that is not there")
        try moved.sqlite(moved.file, "DELETE FROM openid_token WHERE grant_id = 99;")
        let actor = try moved.sqlite(moved.file, "SELECT actor FROM audit_event WHERE id = 2;").trimmed
        try moved.sqlite(
            moved.file, "DROP TRIGGER audit_event_no_update; UPDATE audit_event SET actor = 'nobody' WHERE id = 2;")
        try refused(url, "the chain of its audit log is broken at event 2")
        #expect(try moved.server.execute("SELECT count(*) FROM account;").trimmed == "0")
        try moved.sqlite(moved.file, "UPDATE audit_event SET actor = '\(actor)' WHERE id = 2;")

        try moved.server.execute("INSERT INTO probe VALUES (1, 7);")
        try refused(url, "is not empty and was left as it is")
        try refused(url, "is not empty and was left as it is", "--dry-run")
        #expect(try moved.server.execute("SELECT count(*) FROM account;").trimmed == "0")
        let trigger = before.filter { $0.contains("audit_event_no_update") }
        #expect(Set(before).subtracting(try moved.dump(moved.file)) == Set(trigger))
    }

    private func schema(_ server: PostgreSQLFixture) throws -> String {
        let dump = try Subprocess.output(of: "pg_dump", ["--schema-only", "-d", server.url])
        return dump.split(separator: "\n").filter { !$0.hasPrefix("\\") }.joined(separator: "\n")
    }
}
