import COpenSSL

/// A password digest that takes no time to guess, as older systems keep them: MD5, SHA-1 or SHA-2, with a salt or none.
/// It is never stored: `WrappedDigest` holds argon2id over it.
struct FastDigest: Equatable {
    enum Algorithm: String, CaseIterable {
        case md5, sha1, sha256, sha512

        var byteCount: Int {
            switch self {
            case .md5: 16
            case .sha1: 20
            case .sha256: 32
            case .sha512: 64
            }
        }
    }

    enum SaltPosition: String { case before, after }

    let algorithm: Algorithm
    let salt: [UInt8]
    let position: SaltPosition

    /// The digest of a password.
    func digest(_ password: [UInt8]) -> [UInt8] {
        let message = position == .before ? salt + password : password + salt
        guard let function = EVP_get_digestbyname(algorithm.rawValue) else { openSSLFailure("find \(algorithm)") }
        return [UInt8](unsafeUninitializedCapacity: algorithm.byteCount) { output, count in
            guard EVP_Digest(message, message.count, output.baseAddress, nil, function, nil) == 1 else {
                openSSLFailure("compute \(algorithm)")
            }
            count = algorithm.byteCount
        }
    }
}

/// argon2id over a `FastDigest`: `$digest$sha1,after,SALT$argon2id$v=19$…`. Who reads the database has to guess at the cost
/// of argon2id, as with all others.
struct WrappedDigest {
    let inner: FastDigest
    /// The argon2id hash of the digest.
    let outer: String

    var text: String {
        "$digest$\(inner.algorithm.rawValue),\(inner.position.rawValue),\(Base64.encode(inner.salt))\(outer)"
    }

    init(inner: FastDigest, outer: String) {
        self.inner = inner
        self.outer = outer
    }

    /// Reads what `text` writes.
    init?(_ text: String) {
        let fields = text.utf8.split(separator: UInt8(ascii: "$"), maxSplits: 3, omittingEmptySubsequences: false)
            .map { String(decoding: $0, as: UTF8.self) }
        guard fields.count == 4, fields[0].isEmpty, fields[1] == "digest" else { return nil }
        let parts = fields[2].split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 3, let algorithm = FastDigest.Algorithm(rawValue: parts[0]),
            let position = FastDigest.SaltPosition(rawValue: parts[1]), let salt = Base64.decode(parts[2]),
            PHCString("$\(fields[3])")?.isAffordable == true
        else { return nil }
        inner = FastDigest(algorithm: algorithm, salt: salt, position: position)
        outer = "$\(fields[3])"
    }
}
