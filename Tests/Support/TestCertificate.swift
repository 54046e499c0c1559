/// A server certificate and the authority that clients are told to trust, made anew with the openssl command.
///
/// A certificate for the wrong name is one made for other `names` than the one the client asks for.
package final class TestCertificate: Sendable {
    package enum Kind: Sendable {
        /// Signed by the authority and valid now.
        case trusted
        /// Signed by the authority, and over for a month.
        case expired
        /// Signed by itself; the authority has nothing to do with it.
        case selfSigned
    }

    /// PEM files.
    package let authorityFile: String
    package let certificateFile: String
    package let keyFile: String
    private let folder: TemporaryFolder

    /// Makes both; `names` are the host names and IPv4 addresses the certificate is for.
    package init(for names: [String] = ["localhost", "127.0.0.1"], _ kind: Kind = .trusted) throws {
        folder = try TemporaryFolder()
        authorityFile = folder.file("authority.pem")
        certificateFile = folder.file("server.pem")
        keyFile = folder.file("server.key")
        // A configuration of our own, because the system's adds extensions.
        try folder.write("[req]\ndistinguished_name = name\n[name]\n", to: "openssl.cnf")
        try make(
            subject: "/CN=Test authority", certificate: authorityFile, key: folder.file("authority.key"),
            extensions: ["basicConstraints=critical,CA:TRUE", "keyUsage=critical,keyCertSign"])

        let alternatives = names.map { Self.isAddress($0) ? "IP:\($0)" : "DNS:\($0)" }.joined(separator: ",")
        let issuer = ["-CA", authorityFile, "-CAkey", folder.file("authority.key")]
        try make(
            subject: "/CN=\(names.first ?? "nobody")", certificate: certificateFile, key: keyFile,
            extensions: ["basicConstraints=critical,CA:FALSE", "subjectAltName=\(alternatives)"],
            issuer: kind == .selfSigned ? [] : issuer, daysAgo: kind == .expired ? 60 : 0)
    }

    private func make(
        subject: String, certificate: String, key: String, extensions: [String], issuer: [String] = [],
        daysAgo: Int = 0
    ) throws {
        let command = [
            "req", "-x509", "-config", folder.file("openssl.cnf"), "-newkey", "ec", "-pkeyopt",
            "ec_paramgen_curve:P-256", "-nodes", "-days", "30", "-subj", subject, "-out", certificate, "-keyout", key,
        ]
        let arguments = command + extensions.flatMap { ["-addext", $0] } + issuer
        // openssl 3.0 cannot make a certificate that is over already, unless it believes to live in the past.
        try Subprocess.output(of: "openssl", arguments, environment: daysAgo > 0 ? FakeTime.daysAgo(daysAgo) : [:])
    }

    private static func isAddress(_ name: String) -> Bool { name.allSatisfy { $0.isNumber || $0 == "." } }
}
