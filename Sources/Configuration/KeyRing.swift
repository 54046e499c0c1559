package import Cryptography
package import Domain
import FoundationEssentials
import Threading

/// The keys that a process needs, one file for each purpose, so that each process can be given only its own.
///
/// The files are looked at again while the program runs, so that a rotation needs no restart; a service that got its
/// keys as credentials sees new ones when it is started again.
package final class KeyRing: Sendable {
    /// What a key is for; the raw value is the file's name without `.key`.
    package enum Name: String, Sendable, CaseIterable {
        /// The MAC in reset links.
        case link
        /// Captcha ids and codes.
        case captcha
        /// Form tokens, login tickets, counts of failures.
        case form
        /// Seals TOTP secrets in the database.
        case seal
    }

    private struct State {
        var files: [Name: KeyFile]
        var lookedAt = ContinuousClock.now
    }

    /// How old what is known of the files may be. `pulih keys rotate` reckons with it.
    package static let freshness = Duration.seconds(5)

    private let directory: String
    private let logger: (any Logger)?
    private let state: Monitor<State>

    /// - Parameter journal: receives keys that became unreadable later.
    /// - Throws: `KeyRingErrors` with what is wrong with each.
    package init(_ names: Set<Name>, directory: String, logger: (any Logger)? = nil) throws(KeyRingErrors) {
        self.directory = directory
        self.logger = logger
        state = Monitor(State(files: try Self.read(names, directory)))
    }

    /// Writes fresh keys into a folder of mode 0700.
    package static func create(in directory: String, at now: Instant, random: any RandomSource) throws {
        do {
            try FileManager.default.createDirectory(
                atPath: directory, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch {
            throw SecretFileError(sentence: "The folder \(directory) cannot be made: \(error).")
        }
        for name in Name.allCases {
            try SecretFile.create(
                path(name, directory), lines: [KeyFile.entry(name, from: now, random: random).line])
        }
        try SecretFile.create(
            TokenKeyFile.path(directory), lines: TokenKeyFile.pair(from: now).map(TokenKeyFile.line))
    }

    package static func path(_ name: Name, _ directory: String) -> String { "\(directory)/\(name.rawValue).key" }

    /// The keys that sign for one purpose, whatever they are at the moment of use.
    package func signing(_ name: Name) -> SigningKeys {
        SigningKeys { [self] in
            file(name).entries.map {
                SigningKeys.Entry(from: $0.from ?? Instant(milliseconds: .min), key: $0.key)
            }
        }
    }

    /// Seals with the newest key, opens with any.
    package var sealing: any Sealing { RingSealer(ring: self) }

    fileprivate func sealer(afterLooking: Bool = false) -> Sealer {
        let file = file(.seal, afterLooking: afterLooking)
        let keys = Dictionary(file.entries.map { ($0.id, $0.key) }) { $1 }
        // The ids were checked when the file was read.
        guard let sealer = try? Sealer(keys: keys, current: file.newest.id) else { fatalError("a key without an id") }
        return sealer
    }

    private func file(_ name: Name, afterLooking: Bool = false) -> KeyFile {
        state.withLock { state in
            if afterLooking || ContinuousClock.now - state.lookedAt > Self.freshness {
                state.lookedAt = ContinuousClock.now
                do throws(KeyRingErrors) {
                    state.files = try Self.read(Set(state.files.keys), directory)
                } catch {
                    // What is known still works.
                    logger?.log(.warning, "keys.unreadable", ["reason": error.detail])
                }
            }
            guard let file = state.files[name] else { preconditionFailure("this process has no \(name) key") }
            return file
        }
    }

    private static func read(_ names: Set<Name>, _ directory: String) throws(KeyRingErrors) -> [Name: KeyFile] {
        var files: [Name: KeyFile] = [:]
        var problems: [String] = []
        for name in Name.allCases where names.contains(name) {
            do throws(SecretFileError) {
                files[name] = try KeyFile.read(path(name, directory), name)
            } catch {
                problems.append(error.sentence)
            }
        }
        guard problems.isEmpty else { throw KeyRingErrors(problems: problems) }
        return files
    }
}

/// A sealer whose keys are those of the ring at the moment of use.
private struct RingSealer: Sealing {
    let ring: KeyRing

    func seal(_ plain: [UInt8], context: [UInt8], random: any RandomSource) throws(SealError) -> [UInt8] {
        try ring.sealer().seal(plain, context: context, random: random)
    }

    func open(_ sealed: [UInt8], context: [UInt8]) throws(SealError) -> [UInt8] {
        do throws(SealError) {
            return try ring.sealer().open(sealed, context: context)
        } catch .unknownKey {
            // A rotation may be under way.
            return try ring.sealer(afterLooking: true).open(sealed, context: context)
        }
    }
}

package struct KeyRingErrors: PresentableError, Equatable {
    package let problems: [String]

    package var sentence: String { "The keys cannot be used:" }
    package var detail: String { problems.map { "  \($0)" }.joined(separator: "\n") }
}
