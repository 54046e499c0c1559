import Cryptography
import Domain
import Foundation
import Support
import Testing

@testable import Configuration
@testable import JOSE

@Suite("The file of the keys that sign tokens")
struct TokenKeysTests {
    private static let now = Instant(milliseconds: 1_764_000_000_000)
    private static let pair = TokenKeyFile.pair(from: now)
    private static let next = TokenKeyFile.pair(from: now + .hours(1))

    private static func text(_ entries: [TokenKeyFile.Entry]) -> String {
        entries.map { TokenKeyFile.line($0) + "\n" }.joined()
    }

    @Test("What is written is read: both algorithms, ids, moments, keys that sign for what is published")
    func roundTrip() throws {
        let folder = try TemporaryFolder()
        try folder.write(Self.text(Self.pair + Self.next), to: "token.key")
        let read = try TokenKeyFile.read(folder.file("token.key"))
        #expect(read.map(\.algorithm) == [.es256, .rs256, .es256, .rs256])
        #expect(read.map(\.key.id) == (Self.pair + Self.next).map(\.key.id))
        #expect(read.map(\.from) == (Self.pair + Self.next).map(\.from))
        let set = try TokenKeys(directory: folder.path).set
        for algorithm in TokenAlgorithm.allCases {
            let token = set.signingKey(algorithm, at: Self.now).sign([1], type: "JWT")
            let published = set.published(at: Self.now).map(\.publicKey)
            #expect(published.count == 4)
            #expect(try CompactJWS.verify(token, with: published).payload == [1])
        }
    }

    @Test("The folder of keys is made with a pair that signs at once, readable by its owner alone")
    func created() throws {
        let folder = try TemporaryFolder()
        try KeyRing.create(in: folder.file("keys"), at: Self.now, random: SeededRandom())
        let keys = try TokenKeyFile.read(folder.file("keys/token.key"))
        #expect(keys.map(\.from) == [Self.now, Self.now])
    }

    @Test("Without the file, or with what a unit hands over in its place, the cure is told")
    func missing() throws {
        let folder = try TemporaryFolder()
        let cure = { (error: SecretFileError) in error.sentence.hasSuffix("Run: pulih keys rotate token") }
        #expect(throws: SecretFileError.self) { try TokenKeys(directory: folder.path) }
        for write in [false, true] {
            if write { try folder.write("none", to: "token.key") }
            do throws(SecretFileError) {
                _ = try TokenKeyFile.read(folder.file("token.key"))
                Issue.record("read")
            } catch { #expect(cure(error), "\(error.sentence)") }
        }
    }

    @Test("A line that is no key, another's id, an algorithm without a key and a file for everybody are refused")
    func refused() throws {
        let folder = try TemporaryFolder()
        let lines = Self.pair.map(TokenKeyFile.line)
        let words = lines[0].split(separator: " ").map(String.init)
        let bad = [
            "", "x", lines[0], "\(lines[0])\n\(lines[0])", "\(lines.joined(separator: "\n"))\nx",
            "other \(words[1]) \(words[2])\n\(lines[1])", "\(words[0]) yesterday \(words[2])\n\(lines[1])",
            "\(words[0]) \(words[1]) \(Self.pair[0].key.publicKey.jwk)\n\(lines[1])",
        ]
        for text in bad {
            try folder.write(text, to: "token.key")
            #expect(throws: SecretFileError.self, "\(text)") { try TokenKeyFile.read(folder.file("token.key")) }
        }
        try folder.write(Self.text(Self.pair), to: "token.key", mode: 0o640)
        #expect(throws: SecretFileError.self) { try TokenKeyFile.read(folder.file("token.key")) }
    }

    @Test("A running process sees a rotation, keeps what it knows when the file breaks, and says so")
    func reload() throws {
        let folder = try TemporaryFolder()
        try folder.write(Self.text(Self.pair), to: "token.key")
        let logger = TestLogger()
        let set = try TokenKeys(directory: folder.path, freshness: .zero, logger: logger).set
        #expect(set.published(at: Self.now).count == 2)
        try folder.write(Self.text(Self.pair + Self.next), to: "token.key")
        #expect(set.published(at: Self.now).count == 4)
        #expect(set.signingKey(.es256, at: Self.now + .hours(1)).id == Self.next[0].key.id)
        try folder.write("broken", to: "token.key")
        #expect(set.published(at: Self.now).count == 4)
        #expect(logger.lines.contains { $0.contains("keys.unreadable") })
        try folder.write(Self.text(Self.next), to: "token.key")
        #expect(set.published(at: Self.now).count == 2)
    }
}
