package import Domain
import HTTPServer

// Configuration: files, keys and secrets become values that are checked. It opens no database and no listener. Begin here,
// then `ConfigurationFile`; keys begin with `KeyRing`.

/// Everything an installation decides, read from one JSON5 file. `config/pulih.json5` explains each key.
package struct Configuration: Sendable {
    package let file: String

    package let publicURL: String
    package let language: Language
    package let timeZone: LocalTimeZone
    package let database: DatabasePlace
    package let keysDirectory: String
    package let templatesDirectory: String?
    package let http: Listener
    package let trustedProxies: [String]
    package let operations: Listener
    package let operationsTokenFile: String?
    /// Nil while no application may call.
    package let api: Listener?
    package let applications: [ApplicationConfiguration]
    /// In order of preference.
    package let relays: [RelayConfiguration]
    package let mail: Mail
    package let worker: Worker
    package let reset: Reset
    package let session: SessionLimits
    package let totp: TOTP
    package let userTypes: [UserType]
    package let log: Log

    /// Where to listen, as written: `127.0.0.1:8080`, `[::1]:8080`, `unix:/run/pulih/http.sock`, or `systemd:NAME`, a
    /// socket that the service manager hands over.
    package struct Listener: Sendable, Equatable {
        package let text: String

        /// The name of the socket to be handed over; nil when we bind it ourselves.
        package var inheritedName: String? {
            let prefix = "systemd:"
            return text.hasPrefix(prefix) ? String(text.dropFirst(prefix.count)) : nil
        }

        /// Whether only this machine can reach it, for all that is written here.
        package var isLoopback: Bool {
            ["127.", "[::1]:", "localhost:", "unix:"].contains { text.hasPrefix($0) }
        }
    }

    package struct Mail: Sendable {
        /// As the From header shows it.
        package let from: String
        /// The address alone: the envelope's sender.
        package let sender: String
        package let replyTo: String?
        package let helpdesk: String
        /// What return addresses are made of; nil where the sender is the envelope's too.
        package let bounce: ReturnMailbox?

        /// An envelope's sender such as mails have, for trying the relay.
        package var envelopeSender: String { bounce?.text ?? sender }
    }

    package struct Worker: Sendable {
        package let lanes: Int
        /// With those that send urgent mail while all others wait for the relay.
        package let maxLanes: Int
        package let lease: TimeSpan
    }

    package struct Reset: Sendable {
        package let linkLifetime: TimeSpan
        package let perAccountPerHour: Int
        package let perAddressPerHour: Int
    }

    package struct TOTP: Sendable {
        package let issuer: String
        package let parameters: TOTPParameters
    }

    package struct Log: Sendable {
        package enum Format: String, Sendable, CaseIterable { case logfmt, json }
        package let format: Format
        package let level: LogLevel
    }
}

/// Every mistake found in a configuration, each with its key and its cure.
package struct ConfigurationErrors: PresentableError, Equatable {
    package struct Entry: Sendable, Equatable {
        /// `smtp.port`; empty for the file as a whole.
        package let key: String
        package let problem: String
    }

    package let file: String
    package let entries: [Entry]

    package var sentence: String {
        entries.count == 1 ? "\(file) has a mistake:" : "\(file) has \(entries.count) mistakes:"
    }

    package var detail: String {
        entries.map { $0.key.isEmpty ? "  \($0.problem)" : "  \($0.key): \($0.problem)" }.joined(separator: "\n")
    }
}
