import Foundation
import Support
import Testing

/// Every mistake that can be made with the address of a server, as `pulih check` tells it.
@Suite
struct PostgreSQLAddressTests {
    private typealias Scene = PostgreSQLCheckScene

    @Test("A host that is unknown, a port that refuses, a server that says nothing")
    func reach() throws {
        let scene = try Scene()
        let unknown = try scene.fault(scene.url(host: "pangkalan.invalid", "sslmode=disable"))
        #expect(unknown.told.hasPrefix(#"Could not translate host name "pangkalan.invalid" to address"#))
        #expect(unknown.told.contains("Check the host in database.url"))
        let closed = try FreePort()
        let refused = try scene.fault(scene.url(port: closed.number))
        #expect(refused.told.contains("port \(closed.number) failed: Connection refused. Nothing listens there"))
        let silent = try OldServer(isSilent: true)
        let timeout = try scene.fault(scene.url(port: silent.port, "connect_timeout=2"))
        #expect(timeout.told.contains("timeout expired. Nothing answers there"))
        // Each of several hosts is told.
        let hosts = "127.0.0.1:\(closed.number),pangkalan.invalid"
        let url = "postgresql://pulih@\(hosts)/pulih?sslmode=disable"
        #expect(try scene.check(url).filter { !$0.ok }.count == 2)
    }

    @Test("A wrong password, none, a user that is not let in, a database that does not exist, a loose password file")
    func access() throws {
        let scene = try Scene(access: ["host all keeper 127.0.0.1/32 scram-sha-256"])
        try scene.peer.psql(
            "pulih", "CREATE ROLE keeper LOGIN PASSWORD '\(Scene.password)'; GRANT ALL ON SCHEMA public TO keeper")
        let url = scene.url(user: "keeper")
        let wrong = try scene.fault(url, password: "salah-\(Scene.password.count)")
        #expect(wrong.told.contains(#"password authentication failed for user "keeper". Put the right password"#))
        #expect(
            try scene.fault(url).told.contains("no password supplied. Put the user's password in a file of mode 0600"))
        #expect(try scene.check(url, password: Scene.password).allSatisfy { $0.ok })
        let loose = try scene.fault(url, password: Scene.password, mode: 0o644)
        #expect(loose.told.contains("database.password has mode 0644: others can read it. Run: chmod 600"))

        let stranger = try scene.fault(scene.url(user: "nobody"))
        #expect(stranger.told.contains("no pg_hba.conf entry for host") && stranger.told.contains("Let the user in"))
        let missing = try scene.fault(scene.url(database: "pulihh"))
        #expect(missing.told.contains(#"database "pulihh" does not exist. Make it on the server: createdb"#))
        // What cannot be read is not repeated where it may hold a password.
        for malformed in [":\(Scene.password)%zz@127.0.0.1/pulih", "@127.0.0.1/pulih?password=\(Scene.password)%zz"] {
            let fault = try scene.fault("postgresql://keeper\(malformed)")
            #expect(fault.told.contains("database.url: cannot be read") && fault.told.contains("may be a password"))
        }
    }

    @Test(
        "TLS: verified for a name that is not this machine; a certificate of another authority, for another name, none")
    func encryption() throws {
        let scene = try Scene()
        let named = { (host: String, options: String) in scene.url(host: host, "hostaddr=127.0.0.1&\(options)") }
        let none = try scene.fault(named("db.example.org", ""))
        #expect(none.told.contains("server does not support SSL, but SSL was required. Switch TLS on at the server"))
        let certificate = try TestCertificate(for: ["db.example.org"])
        try scene.serve(certificate)
        let trusting = "sslrootcert=\(certificate.authorityFile)"
        let findings = try scene.check(named("db.example.org", trusting))
        #expect(findings.allSatisfy { $0.ok }, "\(findings)")
        #expect(
            findings.contains {
                $0.part == "database way" && $0.told == "TLSv1.3, and the server's certificate is for its name"
            })
        let other = try scene.fault(named("other.example.org", trusting))
        #expect(
            other.told.contains("does not match host name") && other.told.contains("Use the name of the certificate"))
        let untrusted = try scene.fault(named("db.example.org", ""))
        #expect(untrusted.told.contains("certificate verify failed") && untrusted.told.contains("sslrootcert=FILE"))
        let missing = try scene.fault(named("db.example.org", "sslrootcert=/nowhere/root.pem"))
        #expect(missing.told.contains("/nowhere/root.pem") && missing.told.contains("Name the certificate"))
    }

    @Test("A way that may leave this machine and is not encrypted, or to whomever")
    func openWay() throws {
        let scene = try Scene()
        // Leads here, and is not known to.
        let away = { (options: String) in scene.url(host: "0.0.0.0", options) }
        let open = try scene.fault(away("sslmode=disable"))
        #expect(open.part == "database way")
        #expect(
            open.told
                == "The way to the server is not encrypted, and whoever listens on it reads everything: take sslmode "
                + "out of database.url, and switch TLS on at the server.")
        // Where the server has none, an address that would take it does not ask for it.
        #expect(try scene.fault(away("sslmode=prefer")) == open)
        try scene.serve(TestCertificate(for: ["db.example.org"]))
        let findings = try scene.check(away("sslmode=require"))
        #expect(findings.allSatisfy { $0.ok }, "\(findings)")
        let way = findings.first { $0.part == "database way" }
        #expect(way?.told == "TLSv1.3, but whose certificate is not looked at: sslmode=verify-full would")
    }

    @Test(
        "A standby alone is told, and which standbys there are; a synchronous one that is absent holds up every write")
    func replication() throws {
        let scene = try Scene()
        let standby = try PostgreSQLStandby(of: scene.peer, named: "twin")
        let alone = try scene.fault(scene.url(port: standby.port))
        #expect(alone.part == "database role")
        #expect(alone.told.contains("target_session_attrs=read-write"))
        let sought = try scene.fault(scene.url(port: standby.port, "target_session_attrs=read-write"))
        #expect(sought.told.contains("session is read-only. It is a standby"))
        // Both named, the primary is found.
        let both = "postgresql://pulih@127.0.0.1:\(standby.port),127.0.0.1:\(scene.peer.port)/pulih"
        #expect(try scene.check("\(both)?target_session_attrs=read-write").allSatisfy { $0.ok })

        #expect(
            try replication(scene) == "standby twin (asynchronous); none is synchronous: what was accepted last can be "
                + "lost with the server")
        try scene.set("synchronous_standby_names", "twin")
        try Eventually.holds("the standby is synchronous") {
            try scene.peer.psql("postgres", "SELECT sync_state FROM pg_stat_replication") == "sync"
        }
        #expect(try replication(scene) == "standby twin (synchronous)")
        try scene.peer.psql(
            "pulih", "CREATE ROLE guest LOGIN; GRANT pulih TO guest; GRANT ALL ON SCHEMA public TO guest")
        #expect(try replication(scene, user: "guest").hasPrefix("1 standby; "))

        try standby.stop()
        let absent = try Eventually.value("the standby is missed") {
            try scene.check(scene.url()).first { !$0.ok }
        }
        #expect(absent.part == "database replication")
        #expect(absent.told.hasPrefix(#"Every write waits without end: synchronous_standby_names is "twin""#))
        #expect(absent.told.contains("ALTER SYSTEM SET synchronous_standby_names = ''"))
    }

    private func replication(_ scene: PostgreSQLCheckScene, user: String = "pulih") throws -> String {
        let findings = try scene.check(scene.url(user: user))
        #expect(findings.allSatisfy { $0.ok }, "\(findings)")
        return try #require(findings.first { $0.part == "database replication" }).told
    }
}
