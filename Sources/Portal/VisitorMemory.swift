import Domain
import HTTPServer
import Threading

/// Who was let in where, for as long as nothing has changed that this rests on: a proxy asks before every request of a page,
/// and most ask the same again. Each time it is seen whether anything was committed, and what was is read from the store, in
/// the snapshot of the answer, so that an end takes effect with the next request, whichever process brought it about.
final class VisitorMemory: Sendable {
    /// Somebody who was let in, and the answer that says so.
    final class Visitor: Sendable {
        let login: ApplicationLogin
        let answer: Response

        init(_ login: ApplicationLogin, _ answer: Response) {
            self.login = login
            self.answer = answer
        }
    }

    /// What a request at a host may, where nothing is remembered of it.
    enum Decision {
        case allowed(Visitor)
        case other(ForwardAuth.Decision)
    }

    private struct State {
        /// The number of the last change that was heeded; nil before the first request.
        var heeded: Int64?
        /// Of the store, when it was last seen that nothing has changed since.
        var version: DataVersion?
        var visitors: [String: Visitor] = [:]
        var tokens: [Int64: Set<String>] = [:]

        mutating func heed(_ changes: (sessions: [Int64], last: Int64)) {
            for session in changes.sessions {
                for token in tokens.removeValue(forKey: session) ?? [] { visitors[token] = nil }
            }
            heeded = max(heeded ?? changes.last, changes.last)
        }

        /// - Parameter number: of the last change in the snapshot that this was read in.
        mutating func remember(_ visitor: Visitor, by token: String, asOf number: Int64) {
            // Something has changed since, and nobody would come to forget this.
            guard let heeded, number >= heeded else { return }
            if visitors.count >= VisitorMemory.capacity {
                visitors = [:]
                tokens = [:]
            }
            visitors[token] = visitor
            tokens[visitor.login.session.id, default: []].insert(token)
        }
    }

    /// Logins: a few megabytes.
    private static let capacity = 20_000

    private let store: any Store
    private let sessions: SessionService
    private let versions: (any DataVersions)?
    private let state = Monitor(State())

    init(_ store: any Store, _ sessions: SessionService) {
        self.store = store
        self.sessions = sessions
        // Without them the store is asked each time.
        versions = (try? store.openDataVersions()) ?? nil
    }

    /// Who was let in with this token, if nothing at all has changed since: what most requests come to. `decision` says the
    /// rest.
    func unchanged(_ token: String, at host: String, now: Instant) throws -> Visitor? {
        // Before anything else: what is committed from here on may be missed by this request, and by none that follows.
        let version = versions?.current
        let (heeded, isCurrent, visitor) = state.withLock {
            ($0.heeded, version != nil && $0.version == version, $0.visitors[token])
        }
        guard let visitor, visitor.login.host == host, sessions.isAlive(visitor.login.session, at: now) else {
            return nil
        }
        // As of the last change that was heeded this holds; with none since, it holds now.
        if isCurrent { return visitor }
        guard try store.readOne({ try $0.sessionChanges(after: heeded) }).sessions.isEmpty else { return nil }
        if version != nil { state.withLock { $0.version = version } }
        return visitor
    }

    /// What is remembered of a token, or what `decide` says.
    /// - Parameters:
    ///   - decide: looks in the same transaction; says also whether its answer holds until something is noted as changed.
    ///   - answer: to who is let in.
    func decision(
        _ token: String, at host: String, in transaction: any ApplicationLoginReader, now: Instant,
        answer: (ApplicationLogin) -> Response, _ decide: () throws -> (ForwardAuth.Decision, isLasting: Bool)
    ) throws -> Decision {
        let changes = try transaction.sessionChanges(after: state.withLock { $0.heeded })
        let known = state.withLock { state in
            state.heed(changes)
            return state.visitors[token]
        }
        if let known, known.login.host == host, sessions.isAlive(known.login.session, at: now) {
            return .allowed(known)
        }
        let (decision, isLasting) = try decide()
        guard case .allowed(let login) = decision else { return .other(decision) }
        var answer = answer(login)
        if isLasting { answer.prepare() }
        let visitor = Visitor(login, answer)
        if isLasting { state.withLock { $0.remember(visitor, by: token, asOf: changes.last) } }
        return .allowed(visitor)
    }

    /// The session of a token was noted as in use.
    func touch(_ token: String, at now: Instant) {
        state.withLock { state in
            guard let visitor = state.visitors[token] else { return }
            let login = ApplicationLogin(
                application: visitor.login.application, host: visitor.login.host,
                session: visitor.login.session.seen(at: now), account: visitor.login.account)
            state.visitors[token] = Visitor(login, visitor.answer)
        }
    }
}
