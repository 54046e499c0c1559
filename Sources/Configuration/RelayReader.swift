package import Domain
package import SMTP

/// How to reach a relay.
package struct RelayConfiguration: Sendable {
    /// The configuration's key for it: `smtp`, or `smtp[1]` in a list.
    package let key: String
    /// What status, metrics and logs call it.
    package let name: String
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
            throw SecretFileError(sentence: "\(key): \(error.description)")
        }
    }
}

/// The `smtp.*` keys: one relay, or a list of them in order of preference.
struct RelayReader {
    /// Relays at most.
    private static let limit = 8

    let folder: String
    /// How this host names itself to the relays, unless a relay's own key says otherwise.
    let clientName: String

    /// How this host greets a relay: its name, or its address in brackets (RFC 5321, section 4.1.3).
    static func clientName(host: String?) -> String {
        guard let host else { return "localhost" }
        let address = host.filter { $0 != "[" && $0 != "]" }
        if address.contains(":") { return "[IPv6:\(address)]" }
        let parts = address.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts.allSatisfy { UInt8($0) != nil } ? "[\(address)]" : host
    }

    /// - Returns: nil when any of them has a mistake.
    func read(_ reader: inout ConfigurationReader) -> [RelayConfiguration]? {
        let keys = reader.elements(of: "smtp") ?? ["smtp"]
        guard (1...Self.limit).contains(keys.count) else {
            reader.addProblem("smtp", "must be one relay, { host: … }, or a list of 1 to \(Self.limit)")
            return nil
        }
        let relays = keys.map { read(&reader, $0) }
        for (place, relay) in relays.enumerated() {
            guard let relay, let first = relays.firstIndex(where: { $0?.name == relay.name }), first < place else {
                continue
            }
            reader.addProblem(
                "\(keys[place]).name", "is \"\(relay.name)\" like that of \(keys[first]): give each a name of its own")
        }
        let found = relays.compactMap { $0 }
        return found.count == keys.count ? found : nil
    }

    private func read(_ reader: inout ConfigurationReader, _ key: String) -> RelayConfiguration? {
        let host = reader.requiredText("\(key).host", "the mail relay, such as \"smtp.example.org\"")
        let tls: TLSMode = reader.choice("\(key).tls", default: .starttls)
        let port = reader.integer("\(key).port", in: 1...65_535, default: tls == .tls ? 465 : 587)
        let caFile = reader.text("\(key).caFile").map { Paths.resolve($0, in: folder) }
        let login = RelayLoginReader(key: key, folder: folder).read(&reader)
        if let caFile, TextFile.read(caFile) == nil { reader.addProblem("\(key).caFile", "\(caFile) cannot be read") }
        let messagesPerConnection = reader.integer("\(key).messagesPerConnection", in: 1...1_000_000, default: 10)
        let idleTimeout = reader.span(
            "\(key).idleTimeout", in: .seconds(1)...(.minutes(10)), default: .seconds(30))
        let timeouts = timeouts(&reader, key)
        let ownName = reader.text("\(key).clientName")
        let name = reader.text("\(key).name")
        if let name, !Job.isRequestID(name) {
            reader.addProblem("\(key).name", "must be 1 to 64 visible ASCII characters without spaces")
        }
        guard let host else { return nil }
        do {
            let relay = try Relay(
                host: host, port: port, tls: tls, caFile: caFile, clientName: ownName ?? clientName,
                timeouts: timeouts, messagesPerConnection: messagesPerConnection)
            return RelayConfiguration(
                key: key, name: name ?? relay.address, anonymous: relay, login: login, idleTimeout: idleTimeout)
        } catch {
            for error in error.problems { reader.addProblem(key, error.description) }
            return nil
        }
    }

    /// The `smtp.timeouts.*` keys, named after the commands of SMTP.
    private func timeouts(_ reader: inout ConfigurationReader, _ key: String) -> StepTimeouts {
        var timeouts = StepTimeouts()
        let keys: [(String, WritableKeyPath<StepTimeouts, Duration>)] = [
            ("connect", \.connect), ("greeting", \.greeting), ("ehlo", \.hello), ("tls", \.tls),
            ("auth", \.authentication), ("mail", \.sender), ("rcpt", \.recipient), ("data", \.data), ("end", \.end),
        ]
        for (name, step) in keys {
            let standard = TimeSpan.milliseconds(Int64(timeouts[keyPath: step] / .milliseconds(1)))
            let span = reader.span(
                "\(key).timeouts.\(name)", in: .seconds(1)...(.minutes(30)), default: standard)
            timeouts[keyPath: step] = .milliseconds(span.milliseconds)
        }
        return timeouts
    }
}
