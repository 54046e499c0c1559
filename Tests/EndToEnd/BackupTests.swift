import Foundation
import Glibc
import Support
import Testing

/// `pulih backup` while the service is at work, and the way back.
@Suite
struct BackupTests {
    private struct Told: Decodable {
        let accounts: Int
        let jobs: Int
        let auditEvents: Int
    }

    @Test(
        "Copies made under load are whole and hold everything acknowledged before; restored, all of it works", .onSQLite
    )
    func underLoad() throws {
        let installation = try Installation(settings: "worker: { lanes: 2 },")
        let service = try installation.start("serve")
        let people = [Installation.budi, Installation.sari]
        // Requests come in all the while; each is acknowledged before the next.
        let load = BackgroundLoad {
            try installation.ask(for: people[$0 % 2]).status == 303
        }
        try load.waitForCount(10)
        for number in 1...3 {
            let before = load.count
            let json = try installation.succeed("backup", installation.folder.file("copy\(number).db"), "--json")
            let told = try JSONDecoder().decode(Told.self, from: Data(json.utf8))
            #expect(told.accounts == 3)
            #expect(told.jobs >= before, "acknowledged before the backup began")
        }
        let acknowledged = try load.stop()
        let copy = installation.folder.file("copy3.db")
        #expect(Self.mode(copy) == 0o600)
        #expect(try sqlite(copy, "PRAGMA integrity_check").trimmed == "ok")
        #expect(try sqlite(copy, "PRAGMA journal_mode").trimmed == "delete")
        let link = try installation.link(in: try installation.resetMail(to: Installation.budi))
        let last = installation.folder.file("last.db")
        try installation.succeed("backup", last)
        #expect(Int(try sqlite(last, "SELECT count(*) FROM job WHERE kind = 'reset-request'").trimmed) == acknowledged)
        try service.stop(timeout: .seconds(20))

        // As the README says: stop, put back, start.
        for suffix in ["", "-wal", "-shm"] {
            try? FileManager.default.removeItem(atPath: installation.folder.file("pulih.db\(suffix)"))
        }
        try FileManager.default.copyItem(atPath: last, toPath: installation.folder.file("pulih.db"))
        let again = try installation.start("serve")
        let path = String(link.dropFirst(installation.publicURL.count))
        let page = try HTTPClient(port: installation.portal.number).get(path)
        // An open link or one that a newer request took the place of: known either way, never forged.
        #expect([200, 410].contains(page.status), "\(page.status)")
        let person = LoginClient(installation.portal)
        #expect(try person.enter(Installation.sari) == "/login/code")
        var phone = AuthenticatorApp(secret: Installation.secret)
        #expect(try person.isLetIn(by: try phone.code()))
        let events = try sqlite(
            installation.folder.file("pulih.db"), "SELECT count(*) FROM audit_event WHERE name = 'backup_created'")
        #expect(events.trimmed == "3", "each of the earlier backups is in the log of the last")
        try again.stop(timeout: .seconds(20))
    }

    @Test("A file that exists is never touched, and a backup that fails leaves nothing behind", .onSQLite)
    func refusals() throws {
        let installation = try Installation()
        let folder = installation.folder
        try folder.write("precious", to: "taken.db")
        let taken = try installation.run("backup", folder.file("taken.db"))
        #expect(taken.exit == .code(1))
        #expect(taken.error.contains("exists already; nothing was written"))
        #expect(try folder.read("taken.db") == "precious")
        let nowhere = try installation.run("backup", folder.file("nowhere/copy.db"))
        #expect(nowhere.exit == .code(1))
        #expect(nowhere.error.contains("nowhere/copy.db cannot be written: No such file or directory."))

        // An event that was changed behind our back: the copy is as broken as the original, and is not kept.
        try sqlite(
            folder.file("pulih.db"),
            "DROP TRIGGER audit_event_no_update; UPDATE audit_event SET actor = 'nobody' WHERE id = 2")
        let broken = try installation.run("backup", folder.file("copy.db"))
        #expect(broken.exit == .code(1))
        #expect(broken.error.contains("the chain of its audit log is broken at event 2"), "\(broken.error)")
        let left = try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { $0.contains("copy.db") }
        #expect(left == [])
    }

    @discardableResult
    private func sqlite(_ file: String, _ sql: String) throws -> String {
        try Subprocess.output(of: "sqlite3", [file, sql])
    }

    private static func mode(_ file: String) -> mode_t {
        var status = stat()
        stat(file, &status)
        return status.st_mode & 0o777
    }
}
