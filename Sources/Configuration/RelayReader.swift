package import Domain
package import SMTP

/// How to reach the relay.
package struct RelayConfiguration: Sendable {
    /// Without credentials.
    package let anonymous: Relay
    package let login: RelayLogin?
    /// How long a connection is kept without a message.
    package let idleTimeout: TimeSpan

    /// Reads the secrets, if there is a login.
    /// - Throws: `SecretFileError`.
    package func relay() throws -> Relay {
        guard let login else { return anonymous }
        let credentials = try login.credentials()
        do {
            return try Relay(
                host: anonymous.host, port: anonymous.port, tls: anonymous.tls, caFile: anonymous.caFile,
                credentials: credentials, clientName: anonymous.clientName, timeouts: anonymous.timeouts,
                messagesPerConnection: anonymous.messagesPerConnection)
        } catch {
            throw SecretFileError(sentence: "smtp: \(error.description)")
        }
    }
}

/// The `smtp.*` keys.
package enum RelayReader {
    /// How this host greets the relay: its name, or its address in brackets (RFC 5321, section 4.1.3).
    static func clientName(host: String?) -> String {
        guard let host else { return "localhost" }
        let address = host.filter { $0 != "[" && $0 != "]" }
        if address.contains(":") { return "[IPv6:\(address)]" }
        let parts = address.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts.allSatisfy { UInt8($0) != nil } ? "[\(address)]" : host
    }

    /// - Parameter clientName: how this host names itself to the relay.
    package static func read(_ reader: inout ConfigurationReader, folder: String, clientName: String)
        -> RelayConfiguration?
    {
        let host = reader.requiredText("smtp.host", "the mail relay, such as \"smtp.example.org\"")
        let tls: TLSMode = reader.choice("smtp.tls", default: .starttls)
        let port = reader.integer("smtp.port", in: 1...65_535, default: tls == .tls ? 465 : 587)
        let caFile = reader.text("smtp.caFile").map { Paths.resolve($0, in: folder) }
        let login = RelayLoginReader.read(&reader, folder: folder)
        if let caFile, TextFile.read(caFile) == nil { reader.addProblem("smtp.caFile", "\(caFile) cannot be read") }
        let messagesPerConnection = reader.integer("smtp.messagesPerConnection", in: 1...1_000_000, default: 10)
        let idleTimeout = reader.span(
            "smtp.idleTimeout", in: .seconds(1)...(.minutes(10)), default: .seconds(30))
        let timeouts = timeouts(&reader)
        let ownName = reader.text("smtp.clientName")
        guard let host else { return nil }
        do {
            let relay = try Relay(
                host: host, port: port, tls: tls, caFile: caFile, clientName: ownName ?? clientName,
                timeouts: timeouts, messagesPerConnection: messagesPerConnection)
            return RelayConfiguration(anonymous: relay, login: login, idleTimeout: idleTimeout)
        } catch {
            for error in error.problems { reader.addProblem("smtp", error.description) }
            return nil
        }
    }

    /// The `smtp.timeouts.*` keys, named after the commands of SMTP.
    private static func timeouts(_ reader: inout ConfigurationReader) -> StepTimeouts {
        var timeouts = StepTimeouts()
        let keys: [(String, WritableKeyPath<StepTimeouts, Duration>)] = [
            ("connect", \.connect), ("greeting", \.greeting), ("ehlo", \.hello), ("tls", \.tls),
            ("auth", \.authentication), ("mail", \.sender), ("rcpt", \.recipient), ("data", \.data), ("end", \.end),
        ]
        for (key, step) in keys {
            let standard = TimeSpan.milliseconds(Int64(timeouts[keyPath: step] / .milliseconds(1)))
            let span = reader.span(
                "smtp.timeouts.\(key)", in: .seconds(1)...(.minutes(30)), default: standard)
            timeouts[keyPath: step] = .milliseconds(span.milliseconds)
        }
        return timeouts
    }
}
