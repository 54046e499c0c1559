import OAuth

/// The keys of `smtp` that tell how to log in.
enum RelayLoginReader {
    static func read(_ reader: inout ConfigurationReader, folder: String) -> RelayLogin? {
        let username = reader.text("smtp.username")
        let password = reader.text("smtp.passwordFile").map { Paths.resolve($0, in: folder) }
        let token = reader.text("smtp.tokenFile").map { Paths.resolve($0, in: folder) }
        let hasClient = reader.has("smtp.oauth2")
        let client = readClient(&reader, folder: folder, isNeeded: hasClient)
        let given = [
            password == nil ? nil : "smtp.passwordFile", token == nil ? nil : "smtp.tokenFile",
            hasClient ? "smtp.oauth2" : nil,
        ].compactMap { $0 }
        if given.count > 1 {
            for other in given.dropFirst() {
                reader.addProblem(other, "cannot stand beside \(given[0]): keep one of the two")
            }
        }
        if username == nil, let first = given.first {
            reader.addProblem("smtp.username", "is missing: \(first) needs it")
        }
        if username != nil, given.isEmpty {
            reader.addProblem(
                "smtp.passwordFile", "is missing: smtp.username needs it, or smtp.tokenFile, or smtp.oauth2")
        }
        guard let username, given.count == 1 else { return nil }
        let secret =
            password.map(RelayLogin.Secret.passwordFile) ?? token.map(RelayLogin.Secret.tokenFile)
            ?? client.map(RelayLogin.Secret.oauth2)
        return secret.map { RelayLogin(username: username, secret: $0) }
    }

    private static func readClient(
        _ reader: inout ConfigurationReader, folder: String, isNeeded: Bool
    ) -> RelayLogin.Client? {
        let url = reader.text("smtp.oauth2.tokenURL")
        let clientID = reader.text("smtp.oauth2.clientID")
        let secret = reader.text("smtp.oauth2.clientSecretFile").map { Paths.resolve($0, in: folder) }
        let refreshToken = reader.text("smtp.oauth2.refreshTokenFile").map { Paths.resolve($0, in: folder) }
        let scope = reader.text("smtp.oauth2.scope")
        let caFile = reader.text("smtp.oauth2.caFile").map { Paths.resolve($0, in: folder) }
        guard isNeeded else { return nil }
        if let url {
            if let problem = TokenEndpoint.problem(with: url) { reader.addProblem("smtp.oauth2.tokenURL", problem) }
        } else {
            reader.addProblem("smtp.oauth2.tokenURL", "is missing: the address that gives tokens")
        }
        if clientID?.isEmpty ?? true { reader.addProblem("smtp.oauth2.clientID", "is missing: the provider gave it") }
        if secret == nil && refreshToken == nil {
            reader.addProblem(
                "smtp.oauth2.clientSecretFile", "is missing: it is needed, or smtp.oauth2.refreshTokenFile, or both")
        }
        if let caFile, TextFile.read(caFile) == nil {
            reader.addProblem("smtp.oauth2.caFile", "\(caFile) cannot be read")
        }
        guard let url, let clientID else { return nil }
        return RelayLogin.Client(
            tokenURL: url, clientID: clientID, clientSecretFile: secret, refreshTokenFile: refreshToken, scope: scope,
            caFile: caFile)
    }
}
