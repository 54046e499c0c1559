package import Domain
import Configuration
import Cryptography
import FoundationEssentials

/// The demo's configuration: a real file, so that the other commands work on the running demo.
package enum DemoConfiguration {
    /// - Returns: the file.
    package static func write(in folder: String, port: Int, smtpPort: Int, at now: Instant) throws -> String {
        try KeyRing.create(in: "\(folder)/keys", at: now, random: SystemRandom())
        let file = "\(folder)/pulih.json5"
        try Data(text(port: port, smtpPort: smtpPort).utf8).write(to: URL(filePath: file))
        return file
    }

    private static func text(port: Int, smtpPort: Int) -> String {
        """
        {
            publicURL: "http://127.0.0.1:\(port)",
            database: { path: "pulih.db" },
            keys: { directory: "keys" },
            http: { listen: "127.0.0.1:\(port)" },
            operations: { listen: "127.0.0.1:\(port + 1)" },
            smtp: { host: "127.0.0.1", port: \(smtpPort), tls: "none" },
            mail: { from: "Pulih <pulih@example.org>", replyTo: "helpdesk@example.org", helpdesk: "helpdesk@example.org" },
            // A demo is for trying things: many requests from one address are no abuse here.
            reset: { perAddressPerHour: 1000, perAccountPerHour: 100 },
        }

        """
    }
}
