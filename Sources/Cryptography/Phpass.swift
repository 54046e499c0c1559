import COpenSSL

/// phpass's portable hashes, `$P$B…` and phpBB's `$H$9…`: MD5, so many times as the third letter says (a power of two).
struct Phpass {
    private static let letters = Array("./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz".utf8)

    private let text: [UInt8]
    private let logRounds: Int

    /// Nil for another form, and for more than 2^20 rounds.
    init?(_ text: String) {
        let bytes = Array(text.utf8)
        guard bytes.count == 34, text.hasPrefix("$P$") || text.hasPrefix("$H$"),
            bytes[3...].allSatisfy(Self.letters.contains), let rounds = Self.letters.firstIndex(of: bytes[3]),
            (7...20).contains(rounds)
        else { return nil }
        self.text = bytes
        logRounds = rounds
    }

    func verify(_ password: [UInt8]) -> Bool {
        let md5 = FastDigest(algorithm: .md5, salt: Array(text[4..<12]), position: .before)
        var hash = md5.digest(password)
        for _ in 0..<(1 << logRounds) {
            hash = FastDigest(algorithm: .md5, salt: hash, position: .before).digest(password)
        }
        return constantTimeEqual(Self.encode(hash), Array(text[12...]))
    }

    /// Six bits a letter, the lowest first.
    private static func encode(_ bytes: [UInt8]) -> [UInt8] {
        var encoded: [UInt8] = []
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let group = bytes[start..<min(start + 3, bytes.count)]
            var value = group.reversed().reduce(0) { $0 << 8 | Int($1) }
            for _ in 0...group.count {
                encoded.append(letters[value & 0x3F])
                value >>= 6
            }
        }
        return encoded
    }
}
