import CCrypt

/// A password hash as crypt(5) writes it, from the system that accounts are imported from: bcrypt, sha256crypt,
/// sha512crypt, yescrypt.
///
/// Such hashes are verified and never made: the first login replaces them with argon2id.
struct CryptHash {
    private let text: String

    /// Nil for other schemes, malformed text, and a cost that one login must not have: above about a second.
    init?(_ text: String) {
        let fields = text.utf8.split(separator: UInt8(ascii: "$"), omittingEmptySubsequences: false)
            .map { String(decoding: $0, as: UTF8.self) }
        guard fields.count > 3, fields[0].isEmpty else { return nil }
        let isSound =
            switch fields[1] {
            case "2a", "2b", "2y": Self.isBcrypt(fields)
            case "5": Self.isSHA(fields, hashLength: 43)
            case "6": Self.isSHA(fields, hashLength: 86)
            case "y": Self.isYescrypt(fields)
            default: false
            }
        guard isSound else { return nil }
        self.text = text
    }

    /// Whether `password` is the one behind the hash. bcrypt looks at the first 72 bytes only; that was so where the hash
    /// was made.
    func verify(_ password: [UInt8]) -> Bool {
        // For C a NUL would end the password early.
        guard !password.contains(0) else { return false }
        let workspace = UnsafeMutablePointer<crypt_data>.allocate(capacity: 1)
        defer { workspace.deallocate() }
        workspace.initialize(to: crypt_data())
        let size = Int32(MemoryLayout<crypt_data>.size)
        let phrase = password.map(CChar.init(bitPattern:)) + [0]
        guard let made = crypt_rn(phrase, text, workspace, size) else { return false }
        return constantTimeEqual(Array(String(cString: made).utf8), Array(text.utf8))
    }

    /// `$2b$12$` and 53 letters of salt and hash. Cost 14 takes a second.
    private static func isBcrypt(_ fields: [String]) -> Bool {
        guard fields.count == 4, fields[2].utf8.count == 2, let cost = Int(fields[2]), fields[2].utf8.first != 0x2B
        else { return false }
        return (4...14).contains(cost) && fields[3].utf8.count == 53 && isLetters(fields[3])
    }

    /// `$6$salt$hash` or `$6$rounds=50000$salt$hash`, and `$5$` for SHA-256. A million rounds take a second.
    private static func isSHA(_ fields: [String], hashLength: Int) -> Bool {
        let hasRounds = fields[2].hasPrefix("rounds=")
        guard fields.count == (hasRounds ? 5 : 4) else { return false }
        if hasRounds {
            let digits = fields[2].utf8.dropFirst("rounds=".utf8.count)
            guard digits.count <= 7, digits.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }),
                let rounds = Int(Substring(digits)), (1000...1_000_000).contains(rounds)
            else { return false }
        }
        let (salt, hash) = (fields[fields.count - 2], fields[fields.count - 1])
        return (1...16).contains(salt.utf8.count) && isLetters(salt) && hash.utf8.count == hashLength && isLetters(hash)
    }

    /// `$y$j9T$salt$hash`, with the parameters that mkpasswd and passwd write for the costs 1 to 8: at most 128 MiB.
    private static func isYescrypt(_ fields: [String]) -> Bool {
        fields.count == 5 && ["j75", "j85", "j7T", "j8T", "j9T", "jAT", "jBT", "jCT"].contains(fields[2])
            && (1...86).contains(fields[3].utf8.count) && isLetters(fields[3]) && fields[4].utf8.count == 43
            && isLetters(fields[4])
    }

    /// The 64 letters that crypt(5) writes salts and hashes in.
    private static func isLetters(_ text: String) -> Bool {
        text.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "/"):
                true
            default: false
            }
        }
    }
}
