import Domain
package import SMTP

/// How to reach the relay.
package struct RelayConfiguration: Sendable {
    /// Without credentials.
    package let anonymous: Relay
    package let login: RelayLogin?

    /// Reads the secrets, if there is a login.
    /// - Throws: `SecretFileError`.
    package func relay() throws -> Relay {
        guard let login else { return anonymous }
        let credentials = try login.credentials()
        do {
            return try Relay(
                host: anonymous.host, port: anonymous.port, tls: anonymous.tls, caFile: anonymous.caFile,
                credentials: credentials,
                clientName: anonymous.clientName)
        } catch {
            throw SecretFileError(sentence: "smtp: \(error.description)")
        }
    }
}

/// The `smtp.*` keys.
package enum RelayReader {
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
        guard let host else { return nil }
        do {
            let relay = try Relay(host: host, port: port, tls: tls, caFile: caFile, clientName: clientName)
            return RelayConfiguration(anonymous: relay, login: login)
        } catch {
            for error in error.problems { reader.addProblem("smtp", error.description) }
            return nil
        }
    }
}
