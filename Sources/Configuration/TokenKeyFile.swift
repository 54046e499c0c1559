package import Domain
import FoundationEssentials
import Glibc
package import JOSE

/// The keys that sign tokens for applications, in `token.key`: a line for each, `ID FROM JWK`, in pairs of one moment.
package enum TokenKeyFile {
    package typealias Entry = TokenKeySet<PrivateKey>.Entry

    /// What the units hand over where there is no such file.
    private static let absent = "none"

    package static func path(_ directory: String) -> String { "\(directory)/token.key" }

    /// - Throws: `SecretFileError`, with the cure when there is no file yet.
    package static func read(_ path: String) throws(SecretFileError) -> [Entry] {
        let place = SecretFile.location(of: path)
        guard access(place, F_OK) == 0 else { throw missing(path) }
        return try entries(SecretFile.lines(path), path)
    }

    static func entries(_ lines: [String], _ path: String) throws(SecretFileError) -> [Entry] {
        guard lines != [absent] else { throw missing(path) }
        let entries = try lines.map { line throws(SecretFileError) in
            guard let entry = entry(line) else {
                throw SecretFileError(
                    sentence: "\(path) holds a line that is no key for tokens; `pulih keys rotate token` writes them")
            }
            return entry
        }
        for algorithm in TokenAlgorithm.allCases where !entries.contains(where: { $0.algorithm == algorithm }) {
            throw SecretFileError(sentence: "\(path) holds no key for \(algorithm.rawValue)")
        }
        return entries
    }

    /// A fresh key for each algorithm.
    package static func pair(from: Instant) -> [Entry] {
        let seconds = Instant(milliseconds: from.milliseconds / 1000 * 1000)
        return SignatureAlgorithm.allCases.compactMap { entry(.generate($0), from: seconds) }
    }

    package static func line(_ entry: Entry) -> String {
        "\(entry.key.id) \(KeyFile.text(entry.from)) \(entry.key.jwk)"
    }

    private static func entry(_ line: String) -> Entry? {
        let words = line.split(separator: " ").map(String.init)
        guard words.count == 3, let from = KeyFile.instant(words[1]), let key = try? PrivateKey(jwk: words[2]),
            key.id == words[0]
        else { return nil }
        return entry(key, from: from)
    }

    private static func entry(_ key: PrivateKey, from: Instant) -> Entry? {
        TokenAlgorithm(rawValue: key.algorithm.rawValue).map { Entry(algorithm: $0, from: from, key: key) }
    }

    private static func missing(_ path: String) -> SecretFileError {
        SecretFileError(
            sentence: "\(path) is missing: applications that log in with Pulih need keys that sign. Run: pulih keys "
                + "rotate token")
    }
}
