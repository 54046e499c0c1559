import COpenSSL
import Glibc

/// A hash by PBKDF2 (RFC 8018, section 5.2) or scrypt (RFC 7914), in PHC string format with its cost and salt:
/// `$pbkdf2-sha256$i=600000$salt$hash`, `$scrypt$ln=14,r=8,p=1$salt$hash`. Verified and never made for passwords of ours.
struct KDFPasswordHash: Equatable {
    enum Function: Equatable {
        case pbkdf2(HashAlgorithm, iterations: Int)
        case scrypt(logN: Int, r: Int, p: Int)
    }

    let function: Function
    let salt: [UInt8]
    let hash: [UInt8]

    /// Nil for a cost that one login must not have, and for sizes that nobody makes.
    init?(_ function: Function, salt: [UInt8], hash: [UInt8]) {
        guard salt.count <= 1024, (16...128).contains(hash.count), Self.isAffordable(function) else { return nil }
        self.function = function
        self.salt = salt
        self.hash = hash
    }

    /// Reads what `text` writes.
    init?(_ text: String) {
        let fields = text.utf8.split(separator: UInt8(ascii: "$"), omittingEmptySubsequences: false)
            .map { String(decoding: $0, as: UTF8.self) }
        guard fields.count == 5, fields[0].isEmpty, let salt = Base64.decode(fields[3]),
            let hash = Base64.decode(fields[4])
        else { return nil }
        let costs = fields[2].split(separator: ",", omittingEmptySubsequences: false)
        func cost(_ index: Int, _ name: String) -> Int? {
            index < costs.count && costs[index].hasPrefix(name)
                ? CostNumber.parse(costs[index].dropFirst(name.count)) : nil
        }
        if fields[1] == "scrypt" {
            guard costs.count == 3, let logN = cost(0, "ln="), let r = cost(1, "r="), let p = cost(2, "p=") else {
                return nil
            }
            self.init(.scrypt(logN: logN, r: r, p: p), salt: salt, hash: hash)
        } else {
            guard costs.count == 1, let iterations = cost(0, "i="), let algorithm = Self.algorithm(fields[1]) else {
                return nil
            }
            self.init(.pbkdf2(algorithm, iterations: iterations), salt: salt, hash: hash)
        }
    }

    var text: String {
        let (name, cost) =
            switch function {
            case .pbkdf2(let algorithm, let iterations): ("pbkdf2-\(algorithm.rawValue)", "i=\(iterations)")
            case .scrypt(let logN, let r, let p): ("scrypt", "ln=\(logN),r=\(r),p=\(p)")
            }
        return "$\(name)$\(cost)$\(Base64.encode(salt))$\(Base64.encode(hash))"
    }

    func verify(_ password: [UInt8]) -> Bool {
        var made = [UInt8](repeating: 0, count: hash.count)
        let isMade =
            switch function {
            case .pbkdf2(let algorithm, let iterations): Self.pbkdf2(password, salt, iterations, algorithm, &made)
            case .scrypt(let logN, let r, let p): Self.scrypt(password, salt, logN, r, p, &made)
            }
        return isMade && constantTimeEqual(made, hash)
    }

    /// `pbkdf2-sha256`, and as others write it: `pbkdf2_sha256`, `pbkdf2` for SHA-1.
    static func algorithm(_ name: String) -> HashAlgorithm? {
        switch name.lowercased() {
        case "pbkdf2", "pbkdf2-sha1", "pbkdf2_sha1": .sha1
        case "pbkdf2-sha256", "pbkdf2_sha256": .sha256
        case "pbkdf2-sha512", "pbkdf2_sha512": .sha512
        default: nil
        }
    }

    /// About two seconds at most, and 256 MiB.
    private static func isAffordable(_ function: Function) -> Bool {
        switch function {
        case .pbkdf2(_, let iterations): (1...3_000_000).contains(iterations)
        case .scrypt(let logN, let r, let p):
            (1...20).contains(logN) && (1...32).contains(r) && (1...16).contains(p)
                && (128 * r) << logN <= memoryLimit && p * (r << logN) <= 4 << 20
        }
    }

    private static let memoryLimit = 256 << 20

    private static func pbkdf2(
        _ password: [UInt8], _ salt: [UInt8], _ iterations: Int, _ algorithm: HashAlgorithm, _ output: inout [UInt8]
    ) -> Bool {
        guard let digest = EVP_get_digestbyname(algorithm.shortName) else { openSSLFailure("find a digest") }
        return password.withUnsafeBytes { password in
            PKCS5_PBKDF2_HMAC(
                password.bindMemory(to: CChar.self).baseAddress ?? emptyText, Int32(password.count), salt,
                Int32(salt.count), Int32(iterations), digest, Int32(output.count), &output) == 1
        }
    }

    private static func scrypt(
        _ password: [UInt8], _ salt: [UInt8], _ logN: Int, _ r: Int, _ p: Int, _ output: inout [UInt8]
    ) -> Bool {
        password.withUnsafeBytes { password in
            // libcrypto counts some kilobytes more than the table itself.
            EVP_PBE_scrypt(
                password.bindMemory(to: CChar.self).baseAddress ?? emptyText, password.count, salt, salt.count,
                UInt64(1) << logN, UInt64(r), UInt64(p), UInt64(memoryLimit * 2), &output, output.count) == 1
        }
    }
}

/// Stands for an empty password: an empty array may have no address, and libcrypto takes none for another question.
nonisolated(unsafe) private let emptyText: UnsafePointer<CChar> = UnsafePointer(strdup(""))
