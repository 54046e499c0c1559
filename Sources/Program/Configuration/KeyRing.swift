import Cryptography
import Domain
import FoundationEssentials

/// The keys of an installation, one file each, so that each process can be given only what it needs.
struct KeyRing: Sendable {
    /// A key and what it is for; the raw value is the file's name without `.key`.
    enum Name: String, Sendable, CaseIterable {
        /// The MAC in reset links.
        case link
        /// Captcha ids and codes.
        case captcha
        /// Form tokens.
        case form
        /// Seals TOTP secrets in the database.
        case seal
    }

    private let keys: [Name: SecretKey]

    /// Reads every key file.
    /// - Throws: `KeyRingFaults` with what is wrong with each.
    init(directory: String) throws {
        var keys: [Name: SecretKey] = [:]
        var problems: [String] = []
        for name in Name.allCases {
            let path = "\(directory)/\(name.rawValue).key"
            do {
                let text = try SecretFile.text(path)
                guard let bytes = Base64URL.decode(text), let key = SecretKey(bytes: bytes) else {
                    problems.append("\(path) is not a key; `pulih init` writes keys of 32 bytes in base64url")
                    continue
                }
                keys[name] = key
            } catch {
                problems.append(error.sentence)
            }
        }
        guard problems.isEmpty else { throw KeyRingFaults(problems: problems) }
        self.keys = keys
    }

    /// Writes fresh keys into a folder of mode 0700.
    static func create(in directory: String, random: any RandomSource) throws {
        do {
            try FileManager.default.createDirectory(
                atPath: directory, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch {
            throw CommandFault("The folder \(directory) cannot be made.", detail: "\(error)")
        }
        for name in Name.allCases {
            try SecretFile.create("\(directory)/\(name.rawValue).key", text: Base64URL.encode(random.bytes(32)))
        }
    }

    // Every name has a key: the initialiser saw to it.
    subscript(_ name: Name) -> SecretKey { keys[name]! }

    /// Seals TOTP secrets; the id stands in each sealed row.
    func sealer() throws -> Sealer { try Sealer(keys: ["seal": self[.seal]], current: "seal") }
}

struct KeyRingFaults: Fault, Equatable {
    let problems: [String]

    var sentence: String { "The keys cannot be used:" }
    var detail: String { problems.map { "  \($0)" }.joined(separator: "\n") }
}
