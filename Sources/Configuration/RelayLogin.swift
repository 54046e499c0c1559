import OAuth
import SMTP

/// How Pulih logs in to the relay. Secrets are read where mail is sent and nowhere else.
package struct RelayLogin: Sendable {
    /// The keys `smtp.oauth2.*`.
    package struct Client: Sendable {
        package let tokenURL: String
        let clientID: String
        let clientSecretFile: String?
        let refreshTokenFile: String?
        let scope: String?
        let caFile: String?
    }

    package enum Secret: Sendable {
        case passwordFile(String)
        case tokenFile(String)
        case oauth2(Client)
    }

    package let username: String
    package let secret: Secret

    /// What `pulih check` calls it, and where it is.
    package var part: (name: String, place: String) {
        switch secret {
        case .passwordFile(let file): ("relay password", file)
        case .tokenFile(let file): ("relay token", file)
        case .oauth2(let client):
            (
                "relay OAuth 2.0 secrets",
                [client.clientSecretFile, client.refreshTokenFile].compactMap { $0 }.joined(separator: ", ")
            )
        }
    }

    /// Reads all files there are.
    /// - Throws: `SecretFileError`.
    package func verify() throws {
        switch secret {
        case .passwordFile(let file): _ = try SecretFile.text(file)
        case .tokenFile(let file): _ = try SecretFile.text(file)
        case .oauth2(let client):
            for file in [client.clientSecretFile, client.refreshTokenFile].compactMap({ $0 }) {
                _ = try SecretFile.text(file)
            }
        }
    }

    /// A password and the secrets of OAuth 2.0 must be there; a token may come later, from the program that renews it.
    /// - Throws: `SecretFileError`.
    func credentials() throws(SecretFileError) -> Relay.Credentials {
        switch secret {
        case .passwordFile(let file):
            return Relay.Credentials(username: username, password: try SecretFile.text(file))
        case .tokenFile(let file): return Relay.Credentials(username: username, tokens: TokenFile(path: file))
        case .oauth2(let client):
            let files = [client.clientSecretFile, client.refreshTokenFile].compactMap { $0 }
            for file in files { _ = try SecretFile.text(file) }
            let endpoint = TokenEndpoint(
                url: client.tokenURL, caFile: client.caFile, clientID: client.clientID,
                clientSecret: client.clientSecretFile.map(Self.reader),
                refreshToken: client.refreshTokenFile.map(Self.reader), scope: client.scope)
            return Relay.Credentials(username: username, tokens: TokenCache(endpoint))
        }
    }

    private static func reader(of file: String) -> TokenEndpoint.Secret {
        {
            do throws(SecretFileError) {
                return .success(try SecretFile.text(file))
            } catch {
                return .failure(TokenError(error.sentence, cure: "write the secret there"))
            }
        }
    }
}
