import Foundation
import Support
import Testing

private let eximFolder = ProcessInfo.processInfo.environment["PULIH_EXIM"]

/// Exim puts the eleventh message of a connection aside until its next queue run, which is half an hour away by default.
/// Debian's exim4 and postfix exclude each other, so Exim is unpacked into a folder: `PULIH_EXIM=/folder`.
@Suite(.enabled(if: eximFolder != nil), .serialized)
struct EximTests {
    @Test("Sixty mails through a real Exim are all at the final server within seconds", arguments: [1, 4])
    func burst(lanes: Int) throws {
        let final = try MailServer(.none)
        let port = try FreePort()
        let folder = try TemporaryFolder()
        let exim = try start(folder, port: port.number, to: final)
        defer { exim.signal(SIGTERM) }
        try RelayBurst.send(over: lanes, by: port.number, to: final)
        let log = try folder.read("log/mainlog")
        #expect(!log.contains("no immediate delivery"))
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
