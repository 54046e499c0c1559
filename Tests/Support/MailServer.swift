import Foundation
import Threading

/// A real SMTP server (aiosmtpd) on a loopback port, whose answers a test can change while it runs.
///
/// It keeps its port, its messages and its rules over `stop()` and `start()`: a relay that goes down and comes back.
package final class MailServer: Sendable {
    package enum Security: Sendable {
        case none
        /// Plain at first; refuses everything before STARTTLS.
        case startTLS(TestCertificate)
        /// TLS from the first byte.
        case tls(TestCertificate)
    }

    /// What a client must authenticate with.
    package struct Login: Sendable {
        package let user: String
        package let password: String
        /// Offered besides or instead of PLAIN and LOGIN: `CRAM-MD5`, and `XOAUTH2` and `OAUTHBEARER`, which take tokens.
        let mechanisms: [String]?

        /// - Parameter mechanisms: the only ones offered; PLAIN and LOGIN when nil. With those of OAuth 2.0 the password is
        ///   the one token that is taken until `takeToken(_:)`.
        package init(user: String, password: String, mechanisms: [String]? = nil) {
            (self.user, self.password, self.mechanisms) = (user, password, mechanisms)
        }
    }

    package let host = "127.0.0.1"
    package let port: UInt16
    private let reservation: FreePort
    /// Kept for the certificate's files, which every start reads.
    private let security: Security
    private let folder: TemporaryFolder
    private let process = Monitor<Subprocess?>(nil)
    let log: Monitor<Log>

    /// Starts the server.
    package init(_ security: Security = .none, login: Login? = nil) throws {
        reservation = try FreePort()
        port = reservation.number
        folder = try TemporaryFolder()
        self.security = security
        log = Monitor(Log(path: folder.file("log.json")))
        let messages = folder.file("messages")
        try FileManager.default.createDirectory(atPath: messages, withIntermediateDirectories: true)
        var settings = Settings(
            port: port, folder: messages, rules: folder.file("rules.json"), log: folder.file("log.json"),
            token: folder.file("token"))
        settings.login = login.map { [$0.user, $0.password] }
        settings.mechanisms = login?.mechanisms
        if let login { try takeToken(login.password) }
        switch security {
        case .none: break
        case .startTLS(let certificate): settings.use(certificate, implicitTLS: false)
        case .tls(let certificate): settings.use(certificate, implicitTLS: true)
        }
        try folder.write(Array(JSONEncoder().encode(settings)), to: "settings.json")
        try folder.write(Self.program, to: "server.py")
        try follow([])
        try start()
    }

    /// Starts the server again after `stop()`, and returns when it listens.
    package func start() throws {
        // Debian's interpreter by its path: another python3 on PATH has no aiosmtpd.
        let started = try Subprocess(
            "/usr/bin/python3", [folder.file("server.py"), folder.file("settings.json")]
        ) { [log] _, _ in log.withLock { $0.readOn() } }
        // The first event is that it listens.
        try started.waitForLine(timeout: .seconds(30)) { $0 == "event" }
        process.withLock { $0 = started }
    }

    /// Ends the server at once; connections to its port are refused from now on.
    package func stop() throws {
        guard let running = process.withLock({ process in process.take() }) else { return }
        running.signal(SIGKILL)
        try running.waitForExit()
    }

    /// Replaces all rules, their counts included; none means that every message is accepted.
    package func follow(_ rules: [Rule]) throws {
        let current = CurrentRules(version: UUID().uuidString, rules: rules)
        try folder.write(Array(JSONEncoder().encode(current)), to: "rules.json")
    }

    /// Takes this token from now on and no other.
    package func takeToken(_ token: String) throws { try folder.write(token, to: "token") }

    /// What `server.py` is told at its start.
    private struct Settings: Encodable {
        let port: UInt16
        let folder: String
        let rules: String
        let log: String
        let token: String
        var mechanisms: [String]?
        var login: [String]?
        var certificate: String?
        var key: String?
        var implicitTLS = false

        mutating func use(_ certificate: TestCertificate, implicitTLS: Bool) {
            (self.certificate, key) = (certificate.certificateFile, certificate.keyFile)
            self.implicitTLS = implicitTLS
        }
    }

    private struct CurrentRules: Encodable {
        let version: String
        let rules: [Rule]
    }
}
