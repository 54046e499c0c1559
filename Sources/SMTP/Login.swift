import FoundationEssentials

/// What one connection logs in with: a name, a secret, and how the secret is shown.
struct Login: Sendable {
    /// In libcurl's own order CRAM-MD5 comes before PLAIN, and OAUTHBEARER before XOAUTH2.
    enum Mechanism: Sendable {
        /// PLAIN (RFC 4616) or LOGIN.
        case password
        /// RFC 2195.
        case cramMD5
        /// OAUTHBEARER (RFC 7628), or XOAUTH2, which Google and Microsoft had before it.
        case token

        /// As sentences name it.
        var name: String {
            switch self {
            case .password: "PLAIN or LOGIN"
            case .cramMD5: "CRAM-MD5"
            case .token: "OAUTHBEARER or XOAUTH2"
            }
        }
    }

    let mechanism: Mechanism
    let username: String
    /// The password or the token.
    let secret: Redacted<String>

    /// What libcurl may choose from (CURLOPT_LOGIN_OPTIONS). By default it prefers Kerberos and NTLM where a relay offers them.
    var options: String {
        switch mechanism {
        case .password: "AUTH=PLAIN;AUTH=LOGIN"
        case .cramMD5: "AUTH=CRAM-MD5"
        // OAUTHBEARER writes these two as =2C and =3D (RFC 5801 section 4); libcurl 7.88 does not.
        case .token where username.contains { ",=".contains($0) }: "AUTH=XOAUTH2"
        case .token: "AUTH=OAUTHBEARER;AUTH=XOAUTH2"
        }
    }

    func isSame(as other: Login) -> Bool {
        mechanism == other.mechanism && username == other.username && secret.value == other.secret.value
    }

    /// True if a text shows the secret, plainly or as one of the lines that AUTH sends; some relays repeat what
    /// they did not understand.
    /// - Parameter relay: whose host and port OAUTHBEARER names.
    func appear(in text: String, of relay: Relay) -> Bool {
        let plain = secret.value
        let lines =
            switch mechanism {
            case .password: [plain, "\0\(username)\0\(plain)"]
            // The line holds what a password can be guessed by.
            case .cramMD5: [plain, "\(username) "]
            case .token:
                [
                    plain, "user=\(username)\u{1}auth=Bearer \(plain)\u{1}\u{1}",
                    "n,a=\(username),\u{1}host=\(relay.host)\u{1}port=\(relay.port)\u{1}auth=Bearer \(plain)\u{1}\u{1}",
                ]
            }
        let encoded = lines.map { line in
            let text = Data(line.utf8).base64EncodedString()
            // What comes after the name is not known: the last letters depend on it.
            return mechanism == .cramMD5 && line != plain ? String(text.prefix(line.utf8.count / 3 * 4)) : text
        }
        return ([plain] + encoded).contains { repeats(secret: $0, in: text) }
    }
}

/// Whether a text repeats a secret: all of it or, of a long one, any sixteen bytes in a row. Letter case is passed over,
/// since a server may change it.
package func repeats(secret: String, in text: String) -> Bool {
    let (needle, haystack) = (Array(secret.lowercased().utf8), Array(text.lowercased().utf8))
    let length = min(needle.count, 16)
    guard length > 0, haystack.count >= length else { return false }
    let pieces = Set((0...needle.count - length).map { needle[$0..<$0 + length] })
    return (0...haystack.count - length).contains { pieces.contains(haystack[$0..<$0 + length]) }
}
