package import Domain
package import JOSE
import Threading

/// The keys that sign tokens, as a running process needs them: read at its start, and looked at again while it runs.
///
/// A service that got its keys as credentials sees new ones when it is started again.
package final class TokenKeys: Sendable {
    private struct State {
        var lines: [String]
        var entries: [TokenKeyFile.Entry]
        var lookedAt = ContinuousClock.now
    }

    private let path: String
    private let freshness: Duration
    private let logger: (any Logger)?
    private let state: Monitor<State>

    /// - Parameters:
    ///   - freshness: how old what is known of the file may be.
    ///   - logger: receives that the file became unreadable later.
    /// - Throws: `SecretFileError`, with the cure when there is no file yet.
    package init(
        directory: String, freshness: Duration = KeyRing.freshness, logger: (any Logger)? = nil
    ) throws(SecretFileError) {
        path = TokenKeyFile.path(directory)
        self.freshness = freshness
        self.logger = logger
        let entries = try TokenKeyFile.read(path)
        state = Monitor(State(lines: entries.map(TokenKeyFile.line), entries: entries))
    }

    /// The keys, whatever they are at the moment of use.
    package var set: TokenKeySet<PrivateKey> { TokenKeySet { [self] in entries() } }

    private func entries() -> [TokenKeyFile.Entry] {
        state.withLock { state in
            guard ContinuousClock.now - state.lookedAt > freshness else { return state.entries }
            state.lookedAt = ContinuousClock.now
            do throws(SecretFileError) {
                let lines = try SecretFile.lines(path)
                // A key that was made into an object stays one: making it costs more than a signature.
                if lines != state.lines {
                    (state.lines, state.entries) = (lines, try TokenKeyFile.entries(lines, path))
                }
            } catch {
                // What is known still works.
                logger?.log(.warning, "keys.unreadable", ["reason": error.sentence])
            }
            return state.entries
        }
    }
}
