import Foundation
import Support
import Testing

/// What `pulih check` tells of `database.url`: how the server is, and each mistake with its cure.
@Suite
struct PostgreSQLCheckTests {
    private typealias Scene = PostgreSQLCheckScene

    @Test("Of a server that is as it should be, each thing that was looked at")
    func fine() throws {
        let scene = try Scene()
        let findings = try scene.check(scene.url())
        #expect(
            findings.map(\.part) == [
                "database version", "database role", "database rights", "database encoding", "database durability",
                "database replication", "database vacuum", "database clock", "database way", "database connections",
                "database",
            ])
        #expect(findings.allSatisfy { $0.ok }, "\(findings)")
        let told = Dictionary(findings.map { ($0.part, $0.told) }) { $1 }
        #expect(told["database version"]?.contains(try Regex(#"^PostgreSQL \d\d\.\d+$"#)) == true)
        #expect(told["database rights"] == "user pulih may make tables in schema public")
        #expect(told["database encoding"] == "UTF8")
        #expect(told["database replication"] == "no standby: what is on this server is nowhere else")
        #expect(
            told["database clock"]?.contains(try Regex(#"is 0\.\d+ s (ahead of|behind) this machine's$|is 0\.0 s"#))
                == true)
        #expect(told["database connections"]?.contains(try Regex(#"^up to 397, of which \d+ are in use"#)) == true)
        #expect(told["database"] == scene.url())
        // For people, in the lines of every other part.
        let lines = try Subprocess.output(
            of: try Binary.path(named: "pulih"), ["check", "--config", scene.folder.file("check.json5")])
        #expect(lines.contains("\nok    database role: primary: the server takes writes\n"))
    }

    @Test("A server that is too old is told before anything else is asked of it")
    func tooOld() throws {
        let scene = try Scene()
        let old = try OldServer()
        let fault = try scene.fault(scene.url(port: old.port))
        #expect(fault.told.hasPrefix("PostgreSQL 14.9 is too old; Pulih needs PostgreSQL 15 or later."))
        #expect(fault.told.contains("pg_upgrade"))
    }

    @Test("A user without rights, tables of another user, a database that cannot hold every name")
    func rightsAndEncoding() throws {
        let scene = try Scene()
        try scene.peer.psql("pulih", "CREATE ROLE guest LOGIN")
        let poor = try scene.fault(scene.url(user: "guest"))
        #expect(
            poor.told
                == "User guest may not make tables in schema public: GRANT USAGE, CREATE ON SCHEMA public TO guest, in "
                + "database pulih.")
        try scene.peer.psql("pulih", "GRANT USAGE, CREATE ON SCHEMA public TO guest")
        #expect(try scene.check(scene.url(user: "guest")).allSatisfy { $0.ok }, "the cure helps")

        try scene.peer.psql("postgres", "CREATE ROLE late LOGIN")
        try scene.peer.psql("pulih", "GRANT USAGE, CREATE ON SCHEMA public TO late")
        let foreign = try scene.fault(scene.url(user: "late"))
        #expect(foreign.told.contains("belong to guest, not to user late"))
        #expect(foreign.told.contains("GRANT guest TO late"))
        try scene.peer.psql("pulih", "GRANT guest TO late")
        #expect(try scene.check(scene.url(user: "late")).allSatisfy { $0.ok }, "the cure helps")

        try scene.peer.psql("postgres", "CREATE DATABASE latin ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0")
        let latin = try scene.fault(scene.url(database: "latin"))
        #expect(latin.told.hasPrefix("The database is encoded in LATIN1") && latin.told.contains("createdb"))
    }

    @Test("Settings under which what was accepted can be lost, and too few connections")
    func settings() throws {
        let careless = try Scene(settings: PostgreSQLPeer.fast)
        let lost = try careless.fault(careless.url())
        #expect(lost.part == "database durability")
        #expect(lost.told.hasPrefix("fsync and full_page_writes is off: requests that were accepted"))
        #expect(lost.told.contains("ALTER SYSTEM SET fsync = on; ALTER SYSTEM SET full_page_writes = on;"))

        let scene = try Scene()
        try scene.peer.psql("postgres", "ALTER DATABASE pulih SET synchronous_commit = off")
        let late = try scene.fault(scene.url())
        #expect(late.told.hasPrefix("synchronous_commit is off: jobs that other programs add can be lost"))
        try scene.peer.psql("postgres", "ALTER DATABASE pulih RESET synchronous_commit")
        try scene.peer.psql("postgres", "ALTER DATABASE pulih CONNECTION LIMIT 10; CREATE ROLE one LOGIN SUPERUSER")
        let few = try scene.fault(scene.url())
        #expect(
            few.told.hasPrefix("The server lets this user have 10 connections, and a process of Pulih takes up to 11"))
    }

    @Test("A clock that is off by more than a second is told with the figure and the cure")
    func clock() throws {
        let scene = try Scene()
        let fault = try scene.fault(scene.url(), environment: FakeTime.daysAgo(1))
        #expect(fault.part == "database clock")
        #expect(fault.told.contains(try Regex(#"^The server's clock is 86(399|400)\.\d+ s ahead of this machine's"#)))
        #expect(fault.told.contains("timedatectl set-ntp true"))
    }

    @Test("A pool that lends sessions for one transaction is told, and one that keeps them is not refused")
    func pool() throws {
        let scene = try Scene()
        let lending = try PgBouncer(before: scene.peer, mode: "transaction")
        let fault = try scene.fault(scene.url(port: lending.port))
        #expect(fault.part == "database pool")
        #expect(fault.told.contains("does not work through it") && fault.told.contains("pool_mode = session"))
        let start = try Subprocess.run(
            try Binary.path(named: "pulih"), ["worker", "--config", scene.folder.file("check.json5")])
        #expect(start.exit == .code(1))
        #expect(start.error.contains("does not work through it"))

        let single = try PgBouncer(before: scene.peer, mode: "statement")
        #expect(try scene.fault(scene.url(port: single.port)).told.contains("does not work through it"))
        let keeping = try PgBouncer(before: scene.peer, mode: "session")
        let findings = try scene.check(scene.url(port: keeping.port))
        #expect(findings.allSatisfy { $0.ok }, "\(findings)")
        #expect(findings.contains { $0.part == "database pool" && $0.told.contains("room for 11 connections") })
    }
}
