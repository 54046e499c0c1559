import SMTP

/// The `smtp.*` keys.
enum RelayReader {
    /// - Parameter clientName: how this host names itself to the relay.
    static func read(_ reader: inout ConfigurationReader, folder: String, clientName: String) -> Relay? {
        let host = reader.requiredText("smtp.host", "the mail relay, such as \"smtp.example.org\"")
        let tls: TLSMode = reader.choice("smtp.tls", default: .starttls)
        let port = reader.integer("smtp.port", in: 1...65_535, default: tls == .tls ? 465 : 587)
        let caFile = reader.text("smtp.caFile").map { Paths.resolve($0, in: folder) }
        let username = reader.text("smtp.username")
        let passwordFile = reader.text("smtp.passwordFile").map { Paths.resolve($0, in: folder) }
        if (username == nil) != (passwordFile == nil) {
            reader.complain(
                username == nil ? "smtp.username" : "smtp.passwordFile",
                "is missing: smtp.username and smtp.passwordFile go together")
        }
        if let caFile, TextFile.read(caFile) == nil { reader.complain("smtp.caFile", "\(caFile) cannot be read") }
        var password: String?
        if let passwordFile {
            do {
                password = try SecretFile.text(passwordFile)
            } catch {
                reader.complain("smtp.passwordFile", error.sentence)
            }
        }
        guard let host else { return nil }
        do {
            return try Relay(
                host: host, port: port, tls: tls, caFile: caFile,
                credentials: username.flatMap { name in
                    password.map { Relay.Credentials(username: name, password: $0) }
                },
                clientName: clientName)
        } catch {
            for fault in error.faults { reader.complain("smtp", fault.description) }
            return nil
        }
    }
}
