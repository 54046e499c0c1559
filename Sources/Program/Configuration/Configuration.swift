import Domain
import HTTPServer

/// Everything an installation decides, read from one JSON5 file. `config/pulih.json5` explains each key.
struct Configuration: Sendable {
    let file: String

    let publicURL: String
    let language: Language
    let timeZone: LocalTimeZone
    let databasePath: String
    let keysDirectory: String
    let templatesDirectory: String?
    let http: Listener
    let trustedProxies: [String]
    let operations: Listener
    let operationsTokenFile: String?
    let smtp: RelayConfiguration
    let mail: Mail
    let worker: Worker
    let reset: Reset
    let session: SessionLimits
    let totp: TOTP
    let userTypes: [UserType]
    let log: Log

    /// Where to listen, as written: `127.0.0.1:8080`, `[::1]:8080`, `unix:/run/pulih/http.sock`, or `systemd:NAME`, a
    /// socket that the service manager hands over.
    struct Listener: Sendable, Equatable {
        let text: String

        /// The name of the socket to be handed over; nil when we bind it ourselves.
        var inheritedName: String? {
            let prefix = "systemd:"
            return text.hasPrefix(prefix) ? String(text.dropFirst(prefix.count)) : nil
        }

        /// Whether only this machine can reach it, for all that is written here.
        var isLoopback: Bool {
            ["127.", "[::1]:", "localhost:", "unix:"].contains { text.hasPrefix($0) }
        }
    }

    struct Mail: Sendable {
        /// As the From header shows it.
        let from: String
        /// The address alone: the envelope's sender.
        let sender: String
        let replyTo: String?
        let helpdesk: String
    }

    struct Worker: Sendable {
        let lanes: Int
        let lease: TimeSpan
    }

    struct Reset: Sendable {
        let linkLifetime: TimeSpan
        let perAccountPerHour: Int
        let perAddressPerHour: Int
    }

    struct TOTP: Sendable {
        let issuer: String
        let parameters: TOTPParameters
    }

    struct Log: Sendable {
        enum Format: String, Sendable, CaseIterable { case logfmt, json }
        let format: Format
        let level: LogLevel
    }
}

/// Every mistake found in a configuration, each with its key and its cure.
struct ConfigurationErrors: PresentableError, Equatable {
    struct Entry: Sendable, Equatable {
        /// `smtp.port`; empty for the file as a whole.
        let key: String
        let problem: String
    }

    let file: String
    let entries: [Entry]

    var sentence: String {
        entries.count == 1 ? "\(file) has a mistake:" : "\(file) has \(entries.count) mistakes:"
    }

    var detail: String {
        entries.map { $0.key.isEmpty ? "  \($0.problem)" : "  \($0.key): \($0.problem)" }.joined(separator: "\n")
    }
}
