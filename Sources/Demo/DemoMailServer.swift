import CommandLine
import FoundationEssentials

/// The demo's mail server: aiosmtpd, a real SMTP server, which keeps what it receives in a Maildir.
package final class DemoMailServer {
    package let port: Int
    package let maildir: String
    private let process: DemoProcess

    package init(folder: String) throws {
        maildir = "\(folder)/mail"
        port = try DemoProcess.freePort()
        let program = ["/usr/bin/aiosmtpd", "/usr/local/bin/aiosmtpd"]
            .first { FileManager.default.isExecutableFile(atPath: $0) }
        guard let program else {
            throw CommandError(
                "The demo needs a mail server to send to: apt-get install python3-aiosmtpd")
        }
        process = try DemoProcess([
            program, "--nosetuid", "--listen", "127.0.0.1:\(port)", "--class", "aiosmtpd.handlers.Mailbox", maildir,
        ])
        try process.waitUntilItAnswers(on: port)
    }

    package func stop() { process.stop() }
}
