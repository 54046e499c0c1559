import Cryptography
import Domain
import Foundation
import Glibc
import Support
import Testing

@testable import Configuration

@Suite("Key files and secrets that are handed over")
struct KeyFileTests {
    private let now = Instant(milliseconds: 1_764_000_000_000)

    @Test("What is written is read: ids, moments and keys, oldest first; a key alone has its purpose for an id")
    func roundTrip() throws {
        let folder = try TemporaryFolder()
        let random = SeededRandom()
        let old = KeyFile.entry(.link, from: now, random: random)
        let new = KeyFile.entry(.link, from: now + .minutes(10), random: random)
        try folder.write("\(new.line)\n\(old.line)\n", to: "link.key")
        let read = try KeyFile.read(folder.file("link.key"), .link)
        #expect(read.entries.map(\.id) == [old.id, new.id])
        #expect(read.entries.map(\.from) == [now, now + .minutes(10)])
        #expect(read.newest.key.bytes == new.key.bytes)

        try folder.write(Base64URL.encode(old.key.bytes), to: "seal.key")
        let bare = try KeyFile.read(folder.file("seal.key"), .seal)
        #expect(bare.newest.id == "seal" && bare.newest.from == nil)
        // It goes on after a rotation, beside the new one.
        try folder.write("\(bare.newest.line)\n\(new.line)\n", to: "seal.key")
        #expect(try KeyFile.read(folder.file("seal.key"), .seal).entries.map(\.id) == ["seal", new.id])
    }

    @Test(
        "What is no key is refused",
        arguments: [
            "", "short", "id 2026-99-99T00:00:00Z KEY", "a b c d", "id - !!", "a/b 2026-01-01T00:00:00Z KEY", "ä - KEY",
        ])
    func refused(_ line: String) throws {
        let folder = try TemporaryFolder()
        let key = Base64URL.encode([UInt8](repeating: 7, count: 32))
        try folder.write(line.replacingOccurrences(of: "KEY", with: key), to: "link.key")
        #expect(throws: SecretFileError.self) { try KeyFile.read(folder.file("link.key"), .link) }
    }

    @Test("A ring sees a rotation without being made anew: a secret with an unknown key id makes it look")
    func ring() throws {
        let folder = try TemporaryFolder()
        let random = SeededRandom()
        let old = KeyFile.entry(.seal, from: now, random: random)
        let new = KeyFile.entry(.seal, from: now + .seconds(1), random: random)
        try folder.write(old.line, to: "seal.key")
        let sealing = try KeyRing([.seal], directory: folder.path).sealing
        let before = try sealing.seal([1], context: [], random: random)
        try folder.write("\(old.line)\n\(new.line)", to: "seal.key")
        let other = try KeyRing([.seal], directory: folder.path).sealing
        let after = try other.seal([2], context: [], random: random)
        #expect(Sealer.keyID(of: after) == new.id)
        #expect(try sealing.open(after, context: []) == [2])
        #expect(try sealing.open(before, context: []) == [1])
        try folder.write(new.line, to: "seal.key")
        let last = try KeyRing([.seal], directory: folder.path).sealing
        #expect(throws: SealError.unknownKey(old.id)) { try last.open(before, context: []) }
    }

    @Test("A running unit that was handed a key file without the newest key is named")
    func unaware() throws {
        let folder = try TemporaryFolder()
        let random = SeededRandom()
        let old = KeyFile.entry(.seal, from: now, random: random)
        let new = KeyFile.entry(.seal, from: now, random: random)
        try folder.write(old.line, to: "pulih-portal.service/seal.key")
        try folder.write("\(old.line)\n\(new.line)", to: "pulih-other.service/seal.key")
        try folder.write("x", to: "nginx.service/tls.key")
        #expect(KeyFolder.unitsWithout(new, .seal, in: folder.path) == ["pulih-portal.service"])
        #expect(KeyFolder.unitsWithout(new, .seal, in: folder.file("nowhere")) == [])
    }

    @Test("A file of the same name in the credentials folder takes the place of the configured one")
    func credentials() throws {
        let folder = try TemporaryFolder()
        try folder.write("a", to: "credentials/smtp.password")
        let credentials = folder.file("credentials")
        #expect(
            SecretFile.location(of: "/etc/pulih/smtp.password", credentials: credentials)
                == "\(credentials)/smtp.password")
        #expect(SecretFile.location(of: "/etc/pulih/other", credentials: credentials) == "/etc/pulih/other")
        #expect(SecretFile.location(of: "/etc/pulih/smtp.password", credentials: nil) == "/etc/pulih/smtp.password")
    }

    @Test("A file is replaced whole, keeps its mode 0600, and leaves no draft")
    func replacing() throws {
        let folder = try TemporaryFolder()
        try folder.write("old", to: "link.key")
        try folder.write("left by a crash", to: "link.key.new")
        try SecretFile.replace(folder.file("link.key"), lines: ["one", "two"])
        #expect(try folder.read("link.key") == "one\ntwo\n")
        #expect(access(folder.file("link.key.new"), F_OK) != 0)
        var status = stat()
        stat(folder.file("link.key"), &status)
        #expect(status.st_mode & 0o777 == 0o600)
    }
}
