import Cryptography
import Domain
import FoundationEssentials
import Glibc

/// The key files as an operator changes them: one command at a time, each file replaced whole.
package final class KeyFolder {
    package let path: String
    private let descriptor: Int32

    /// Where systemd keeps what it hands over, a folder for each running unit.
    package static let handedOver = "/run/credentials"

    /// - Parameter changing: whether files will be replaced; one command at a time may.
    /// - Throws: `SecretFileError` when another command is at work there.
    package init(_ path: String, changing: Bool) throws {
        self.path = path
        descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw SecretFileError(sentence: "\(path) cannot be read: \(String(cString: strerror(errno))).")
        }
        guard !changing || flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            close(descriptor)
            throw SecretFileError(
                sentence: "Another command is changing the keys in \(path). Wait for its end, then run this again.")
        }
    }

    deinit { close(descriptor) }

    private var retiredPath: String { "\(path)/seal.retired" }

    package func file(_ name: KeyRing.Name) throws -> KeyFile { try KeyFile.read(KeyRing.path(name, path), name) }

    package func write(_ file: KeyFile, _ name: KeyRing.Name) throws {
        try SecretFile.replace(KeyRing.path(name, path), lines: file.entries.map(\.line))
    }

    /// Seal keys that no row needs any more, kept for backups from before their rotation.
    package func retired() throws -> [KeyFile.Entry] {
        access(retiredPath, F_OK) == 0 ? try KeyFile.read(retiredPath, .seal).entries : []
    }

    /// Keeps all but the newest key apart. The order makes that a crash between leaves a key twice rather than nowhere.
    package func retireAllButNewest(_ file: KeyFile) throws {
        let known = try retired()
        let old = file.entries.dropLast().filter { entry in !known.contains { $0.id == entry.id } }
        try SecretFile.replace(retiredPath, lines: (known + old).map(\.line))
        try write(KeyFile([file.newest]), .seal)
    }

    package func forgetRetired() { unlink(retiredPath) }

    /// The keys that sign tokens; none when there is no file yet.
    package func tokens() throws -> [TokenKeyFile.Entry] {
        access(TokenKeyFile.path(path), F_OK) == 0 ? try TokenKeyFile.read(TokenKeyFile.path(path)) : []
    }

    package func write(tokens: [TokenKeyFile.Entry]) throws {
        try SecretFile.replace(TokenKeyFile.path(path), lines: tokens.map(TokenKeyFile.line))
    }

    /// The running units that were handed this file before it had its newest key.
    package static func unitsWithout(_ newest: KeyFile.Entry, _ name: KeyRing.Name, in folder: String = handedOver)
        -> [String]
    {
        unitsWithout(newest.id, "\(name.rawValue).key", in: folder)
    }

    /// The running units that were handed a file of this name without the key of this id.
    package static func unitsWithout(_ id: String, _ file: String, in folder: String = handedOver) -> [String] {
        units(handed: file, in: folder) { !$0.contains("\(id) ") }
    }

    /// The running units that were handed a file of this name with the key of this id.
    package static func unitsWith(_ id: String, _ file: String, in folder: String = handedOver) -> [String] {
        units(handed: file, in: folder) { $0.contains("\(id) ") }
    }

    private static func units(handed file: String, in folder: String, _ isMeant: (String) -> Bool) -> [String] {
        let units = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return units.sorted().filter { TextFile.read("\(folder)/\($0)/\(file)").map(isMeant) ?? false }
    }
}
