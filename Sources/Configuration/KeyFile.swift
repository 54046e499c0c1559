package import Cryptography
package import Domain
import FoundationEssentials

/// The keys for one purpose: a file with a line for each, `ID FROM KEY`, the last being the newest.
///
/// One file a purpose, whatever its keys' number, so that a rotation is one atomic replacement and a service unit names
/// the same credential before and after it.
package struct KeyFile: Sendable {
    package struct Entry: Sendable {
        /// Is part of what was sealed; tells nothing of the key.
        package let id: String
        /// From when it signs or seals; nil for a key written before keys had a time.
        package let from: Instant?
        package let key: SecretKey

        package var line: String {
            return [id, from.map(KeyFile.text) ?? "-", Base64URL.encode(key.bytes)].joined(separator: " ")
        }
    }

    /// Oldest first; never empty.
    package let entries: [Entry]

    package var newest: Entry { entries[entries.count - 1] }

    package init(_ entries: [Entry]) { self.entries = entries }

    /// - Throws: `SecretFileError`.
    package static func read(_ path: String, _ name: KeyRing.Name) throws(SecretFileError) -> KeyFile {
        let entries = try SecretFile.lines(path).map { line throws(SecretFileError) in
            guard let entry = entry(line, name) else {
                throw SecretFileError(
                    sentence: "\(path) is not a key; `pulih init` writes keys of 32 bytes in base64url")
            }
            return entry
        }
        return KeyFile(entries.sorted { ($0.from?.milliseconds ?? 0) < ($1.from?.milliseconds ?? 0) })
    }

    /// A fresh key.
    package static func entry(_ name: KeyRing.Name, from: Instant, random: any RandomSource) -> Entry {
        let seconds = Instant(milliseconds: from.milliseconds / 1000 * 1000)
        let tail = Base32.encode(random.bytes(5)).lowercased()
        // 32 random bytes are a key, always.
        return Entry(id: "\(name.rawValue)-\(tail)", from: seconds, key: SecretKey(bytes: random.bytes(32))!)
    }

    /// A moment as key files tell it: in UTC, to the second.
    static func text(_ moment: Instant) -> String {
        Date(timeIntervalSince1970: Double(moment.milliseconds) / 1000).formatted(.iso8601)
    }

    static func instant(_ text: String) -> Instant? {
        (try? Date(text, strategy: .iso8601)).map {
            Instant(milliseconds: Int64(($0.timeIntervalSince1970 * 1000).rounded()))
        }
    }

    private static func entry(_ line: String, _ name: KeyRing.Name) -> Entry? {
        let words = line.split(separator: " ").map(String.init)
        guard let bytes = Base64URL.decode(words.last ?? ""), let key = SecretKey(bytes: bytes) else { return nil }
        // A key alone has its purpose for an id.
        guard words.count > 1 else { return Entry(id: name.rawValue, from: nil, key: key) }
        guard Sealer.isKeyID(words[0]) else { return nil }
        switch words.count {
        case 3 where words[1] == "-": return Entry(id: words[0], from: nil, key: key)
        case 3:
            guard let from = instant(words[1]) else { return nil }
            return Entry(id: words[0], from: from, key: key)
        default: return nil
        }
    }
}
