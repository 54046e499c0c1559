package import Domain
import Configuration
import Cryptography
import FoundationEssentials

/// The demo's configuration: a real file, so that the other commands work on the running demo.
package enum DemoConfiguration {
    /// - Parameter examples: the applications that run beside it.
    /// - Returns: the file.
    package static func write(
        in folder: String, ports: DemoPorts, smtpPort: Int, examples: DemoExamples, at now: Instant
    ) throws -> String {
        try KeyRing.create(in: "\(folder)/keys", at: now, random: SystemRandom())
        let file = "\(folder)/pulih.json5"
        try Data(text(ports, smtpPort: smtpPort, examples: examples).utf8).write(to: URL(filePath: file))
        return file
    }

    private static func text(_ ports: DemoPorts, smtpPort: Int, examples: DemoExamples) -> String {
        let applications = [
            examples.application.map { _ in DemoApplication.configuration(ports) },
            examples.noticeBoard.map { _ in DemoNoticeBoard.configuration(ports) },
        ].compactMap { $0 }.joined(separator: ", ")
        return """
            {
                publicURL: "http://127.0.0.1:\(ports.portal)",
                database: { path: "pulih.db" },
                keys: { directory: "keys" },
                http: { listen: "127.0.0.1:\(ports.portal)" },
                operations: { listen: "127.0.0.1:\(ports.operations)" },
                api: { listen: "127.0.0.1:\(ports.api)" },
                applications: [\(applications)],
                smtp: { host: "127.0.0.1", port: \(smtpPort), tls: "none" },
                mail: { from: "Pulih <pulih@example.org>", replyTo: "helpdesk@example.org", helpdesk: "helpdesk@example.org" },
                // A demo is for trying things: many requests from one address are no abuse here.
                reset: { perAddressPerHour: 1000, perAccountPerHour: 100 },
            }

            """
    }
}
