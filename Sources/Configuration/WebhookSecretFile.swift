package import Domain

/// The file that an application's events are signed with.
package enum WebhookSecretFile {
    /// One secret, or two during a rotation.
    package static func read(_ path: String) throws(SecretFileError) -> [WebhookSecret] {
        let lines = try SecretFile.lines(path)
        let secrets = lines.compactMap(WebhookSecret.init)
        guard secrets.count == lines.count, (1...2).contains(lines.count) else {
            throw SecretFileError(
                sentence:
                    "\(path) must hold one line, or two during a rotation, each whsec_ and 24 to 64 bytes in base64, as "
                    + "this makes it: echo \"whsec_$(openssl rand -base64 32)\"")
        }
        return secrets
    }
}
