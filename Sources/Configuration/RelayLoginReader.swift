import OAuth

/// The keys of a relay that tell how to log in.
struct RelayLoginReader {
    /// The relay's own key, such as `smtp` or `smtp[1]`.
    let key: String
    let folder: String

    func read(_ reader: inout ConfigurationReader) -> RelayLogin? {
        let username = reader.text("\(key).username")
        let password = reader.text("\(key).passwordFile").map { Paths.resolve($0, in: folder) }
        let token = reader.text("\(key).tokenFile").map { Paths.resolve($0, in: folder) }
        let hasClient = reader.has("\(key).oauth2")
        let client = readClient(&reader, isNeeded: hasClient)
        let given = [
            password == nil ? nil : "\(key).passwordFile", token == nil ? nil : "\(key).tokenFile",
            hasClient ? "\(key).oauth2" : nil,
        ].compactMap { $0 }
        if given.count > 1 {
            for other in given.dropFirst() {
                reader.addProblem(other, "cannot stand beside \(given[0]): keep one of the two")
            }
        }
        if username == nil, let first = given.first {
            reader.addProblem("\(key).username", "is missing: \(first) needs it")
        }
        if username != nil, given.isEmpty {
            reader.addProblem(
                "\(key).passwordFile", "is missing: \(key).username needs it, or \(key).tokenFile, or \(key).oauth2")
        }
        guard let username, given.count == 1 else { return nil }
        let secret =
            password.map(RelayLogin.Secret.passwordFile) ?? token.map(RelayLogin.Secret.tokenFile)
            ?? client.map(RelayLogin.Secret.oauth2)
        return secret.map { RelayLogin(username: username, secret: $0) }
    }

    private func readClient(_ reader: inout ConfigurationReader, isNeeded: Bool) -> RelayLogin.Client? {
        let url = reader.text("\(key).oauth2.tokenURL")
        let clientID = reader.text("\(key).oauth2.clientID")
        let secret = reader.text("\(key).oauth2.clientSecretFile").map { Paths.resolve($0, in: folder) }
        let refreshToken = reader.text("\(key).oauth2.refreshTokenFile").map { Paths.resolve($0, in: folder) }
        let scope = reader.text("\(key).oauth2.scope")
        let caFile = reader.text("\(key).oauth2.caFile").map { Paths.resolve($0, in: folder) }
        guard isNeeded else { return nil }
        if let url {
            if let problem = TokenEndpoint.problem(with: url) { reader.addProblem("\(key).oauth2.tokenURL", problem) }
        } else {
            reader.addProblem("\(key).oauth2.tokenURL", "is missing: the address that gives tokens")
        }
        if clientID?.isEmpty ?? true { reader.addProblem("\(key).oauth2.clientID", "is missing: the provider gave it") }
        if secret == nil && refreshToken == nil {
            reader.addProblem(
                "\(key).oauth2.clientSecretFile", "is missing: it is needed, or \(key).oauth2.refreshTokenFile, or both"
            )
        }
        if let caFile, TextFile.read(caFile) == nil {
            reader.addProblem("\(key).oauth2.caFile", "\(caFile) cannot be read")
        }
        guard let url, let clientID else { return nil }
        return RelayLogin.Client(
            tokenURL: url, clientID: clientID, clientSecretFile: secret, refreshTokenFile: refreshToken, scope: scope,
            caFile: caFile)
    }
}
