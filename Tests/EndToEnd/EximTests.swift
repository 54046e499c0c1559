import Foundation
import Support
import Testing

private let eximFolder = ProcessInfo.processInfo.environment["PULIH_EXIM"]

/// Exim puts the eleventh message of a connection aside until its next queue run, which is half an hour away by default.
/// Debian's exim4 and postfix exclude each other, so Exim is unpacked into a folder: `PULIH_EXIM=/folder`.
@Suite(.enabled(if: eximFolder != nil), .serialized)
struct EximTests {
    private static let mails = 60

    @Test("Sixty mails through a real Exim are all at the final server within seconds", arguments: [1, 4])
    func burst(lanes: Int) throws {
        let final = try MailServer(.none)
        let port = try FreePort()
        let folder = try TemporaryFolder()
        let exim = try start(folder, port: port.number, to: final)
        defer { exim.signal(SIGTERM) }
        let installation = try Installation(settings: "worker: { lanes: \(lanes) },")
        let text = try installation.folder.read("pulih.json5")
        // The same configuration, with Exim as the relay.
        let start = try #require(text.range(of: "smtp: {")), end = try #require(text.range(of: "mail: {"))
        try installation.folder.write(
            text.replacingCharacters(
                in: start.lowerBound..<end.lowerBound,
                with: "smtp: { host: \"127.0.0.1\", port: \(port.number), tls: \"none\" },\n"), to: "pulih.json5")
        try Subprocess.output(
            of: "sqlite3",
            [
                installation.folder.file("pulih.db"),
                """
                INSERT INTO job (kind, payload)
                WITH RECURSIVE number(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM number WHERE n < \(Self.mails))
                SELECT 'mail-test', '{"to": "person' || n || '@example.org"}' FROM number;
                """,
            ])
        let worker = try installation.start("worker")
        let messages = try final.waitForMessages(Self.mails, timeout: .seconds(30)) { _ in true }
        #expect(Set(messages.map(\.recipients)).count == Self.mails)
        let log = try folder.read("log/mainlog")
        #expect(!log.contains("no immediate delivery"))
        try worker.stop(timeout: .seconds(15))
    }

    /// Exim with its defaults for connections and queue runs, which hands everything to one host.
    private func start(_ folder: TemporaryFolder, port: UInt16, to final: MailServer) throws -> Subprocess {
        let binary = "\(eximFolder ?? "")/usr/sbin/exim4"
        for name in ["spool", "log"] {
            try FileManager.default.createDirectory(atPath: folder.file(name), withIntermediateDirectories: true)
            try Subprocess.output(of: "chown", ["Debian-exim", folder.file(name)])
        }
        try Subprocess.output(of: "chmod", ["755", folder.path])
        let file = try folder.write(
            """
            exim_path = \(binary)
            primary_hostname = relay.example.org
            spool_directory = \(folder.file("spool"))
            log_file_path = \(folder.file("log"))/%slog
            pid_file_path = \(folder.file("exim.pid"))
            local_interfaces = 127.0.0.1
            daemon_smtp_ports = \(port)
            tls_advertise_hosts =
            keep_environment = LD_LIBRARY_PATH
            acl_smtp_rcpt = accept
            begin routers
            final:
              driver = manualroute
              transport = smtp
              route_list = * 127.0.0.1::\(final.port)
              self = send
            begin transports
            smtp:
              driver = smtp
            begin retry
            * * F,2h,15m
            """ + "\n", to: "exim.conf")
        // Exim's processes run as its own user.
        try Subprocess.output(of: "chmod", ["644", file])
        let process = try Subprocess(binary, ["-C", file, "-bdf", "-q30m"])
        try Eventually.holds("Exim listens", timeout: .seconds(20)) {
            (try? folder.read("log/mainlog"))?.contains("listening for SMTP") == true
        }
        return process
    }
}
