import Domain
import Threading

/// Who was let in where, for as long as nothing has changed that this rests on: a proxy asks before every request of a page,
/// and most ask the same again. What has changed is read from the store each time, in the snapshot of the answer, so that an
/// end takes effect with the next request, whichever process brought it about.
final class VisitorMemory: Sendable {
    private struct State {
        /// The number of the last change that was heeded; nil before the first request.
        var heeded: Int64?
        var logins: [String: ApplicationLogin] = [:]
        var tokens: [Int64: Set<String>] = [:]

        mutating func heed(_ changes: (sessions: [Int64], last: Int64)) {
            for session in changes.sessions {
                for token in tokens.removeValue(forKey: session) ?? [] { logins[token] = nil }
            }
            heeded = max(heeded ?? changes.last, changes.last)
        }

        /// - Parameter number: of the last change in the snapshot that this was read in.
        mutating func remember(_ login: ApplicationLogin, by token: String, asOf number: Int64) {
            // Something has changed since, and nobody would come to forget this.
            guard let heeded, number >= heeded else { return }
            if logins.count >= VisitorMemory.capacity {
                logins = [:]
                tokens = [:]
            }
            logins[token] = login
            tokens[login.session.id, default: []].insert(token)
        }
    }

    /// Logins: a few megabytes.
    private static let capacity = 20_000

    private let sessions: SessionService
    private let state = Monitor(State())

    init(sessions: SessionService) { self.sessions = sessions }

    /// What is remembered of a token, or what `decide` says.
    /// - Parameter decide: looks in the same transaction; says also whether its answer holds until something is noted as
    ///   changed.
    func decision(
        _ token: String, at host: String, in transaction: any ApplicationLoginReader, now: Instant,
        _ decide: () throws -> (ForwardAuth.Decision, isLasting: Bool)
    ) throws -> ForwardAuth.Decision {
        let changes = try transaction.sessionChanges(after: state.withLock { $0.heeded })
        let known = state.withLock { state in
            state.heed(changes)
            return state.logins[token]
        }
        if let known, known.host == host, sessions.isAlive(known.session, at: now) { return .allowed(known) }
        let (decision, isLasting) = try decide()
        if isLasting, case .allowed(let login) = decision {
            state.withLock { $0.remember(login, by: token, asOf: changes.last) }
        }
        return decision
    }

    /// The session of a token was noted as in use.
    func touch(_ token: String, at now: Instant) {
        state.withLock { state in
            guard let login = state.logins[token] else { return }
            state.logins[token] = ApplicationLogin(
                application: login.application, host: login.host, session: login.session.seen(at: now),
                account: login.account)
        }
    }
}
