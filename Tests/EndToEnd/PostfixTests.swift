import Foundation
import Support
import Testing

/// A Postfix of the test's own, beside one that the system may run. Its master and its chroots need root.
@Suite(.enabled(if: getuid() == 0, "Postfix starts as root only"), .serialized)
struct PostfixTests {
    @Test("Sixty mails through a real Postfix are all at the final server within seconds", arguments: [1, 4])
    func burst(lanes: Int) throws {
        let final = try MailServer(.none)
        let port = try FreePort()
        let folder = try TemporaryFolder()
        let postfix = try start(folder, port: port, to: final)
        try RelayBurst.send(over: lanes, by: port.number, to: final)
        // Each was handed on at its first attempt.
        let deliveries = postfix.text(.output).split(separator: "\n").filter { $0.contains("status=") }
        #expect(deliveries.count >= RelayBurst.mails)
        #expect(deliveries.allSatisfy { $0.contains("status=sent") }, "\(postfix.transcript)")
        try postfix.stop()
    }

    /// Postfix as Debian installs it, which hands everything to one host. It logs to its output.
    private func start(_ folder: TemporaryFolder, port: FreePort, to final: MailServer) throws -> Subprocess {
        let debian = "/usr/share/postfix"
        let services = try String(contentsOfFile: "\(debian)/master.cf.dist", encoding: .utf8)
        let parameters = try String(contentsOfFile: "\(debian)/main.cf.debian", encoding: .utf8)
        let own = services.replacing(/(?m)^smtp +inet/, with: "127.0.0.1:\(port.number) inet")
        try #require(own != services)
        try folder.write(own, to: "etc/master.cf", mode: 0o644)
        try folder.write(
            parameters + """

                myhostname = relay.example.org
                queue_directory = \(folder.file("queue"))
                data_directory = \(folder.file("data"))
                maillog_file = /dev/stdout
                relayhost = [127.0.0.1]:\(final.port)
                """ + "\n", to: "etc/main.cf", mode: 0o644)
        for name in ["queue", "data"] {
            try FileManager.default.createDirectory(atPath: folder.file(name), withIntermediateDirectories: true)
        }
        try Subprocess.output(of: "chmod", ["755", folder.path, folder.file("etc")])
        try Subprocess.output(of: "chown", ["postfix", folder.file("data")])
        let environment = "MAIL_CONFIG=\(folder.file("etc"))"
        // Fills the chroots, as Debian's service does before each start, and makes the queue's folders.
        try Subprocess.output(of: "env", [environment, "/usr/lib/postfix/configure-instance.sh"])
        try Subprocess.output(of: "env", [environment, "postfix", "check"])
        // In this process group, so that nothing of it outlives the test.
        let process = try Subprocess("/usr/lib/postfix/sbin/master", ["-d", "-c", folder.file("etc")])
        try port.waitForListener()
        return process
    }
}
