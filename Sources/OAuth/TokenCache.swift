package import SMTP
package import Threading

/// One token for all who need it: fetched once while the others wait, and kept until a minute before its end.
package final class TokenCache: TokenSource {
    private struct Token {
        let value: String
        /// Nil when its end is not known: it is kept until it is refused.
        let life: Life?
    }

    private struct Life {
        /// From when on another is fetched although this one is still good.
        let renewal: ContinuousClock.Instant
        /// Until when it is used.
        let kept: ContinuousClock.Instant
        let end: ContinuousClock.Instant

        /// It is kept until a minute before its end or, with a short life, for half of it. Lives of more than 30 days are
        /// not believed.
        init(start: ContinuousClock.Instant, seconds: Int) {
            let seconds = max(0, min(seconds, 30 * 86_400))
            let kept = seconds - min(60, seconds / 2)
            renewal = start + .seconds(kept - min(240, kept / 5))
            self.kept = start + .seconds(kept)
            end = start + .seconds(seconds)
        }
    }

    private struct State {
        var token: Token?
        var isFetching = false
        /// Fetches that have ended.
        var fetches = 0
        /// Why the last fetch failed.
        var failure: TokenError?
        /// When the last fetch ended.
        var fetchedAt: ContinuousClock.Instant?
        /// The refresh token that the endpoint gave instead of the one that is written down.
        var refreshed: (written: String, current: String)?
    }

    private enum Turn {
        case token(String)
        case failure(TokenError)
        case fetch(refreshed: (written: String, current: String)?)
    }

    private let endpoint: TokenEndpoint
    private let now: @Sendable () -> ContinuousClock.Instant
    private let state = Monitor(State())

    package init(
        _ endpoint: TokenEndpoint, now: @escaping @Sendable () -> ContinuousClock.Instant = { ContinuousClock.now }
    ) {
        self.endpoint = endpoint
        self.now = now
    }

    package var cureForRefusal: String {
        "it was fetched anew; check smtp.oauth2.scope, and that the client \(endpoint.clientID) may send mail as smtp.username"
    }

    package func token(insteadOf refused: String?, stop: StopSignal) throws(TokenError) -> String {
        switch turn(insteadOf: refused) {
        case .token(let token): return token
        case .failure(let failure): throw failure
        case .fetch(let refreshed): return try fetchAndKeep(refreshed, stop: stop).get().token.value
        }
    }

    package func renew(stop: StopSignal) -> TokenStatus {
        let due: Turn? = state.withLock { state in
            guard !state.isFetching, isRenewalDue(state) else { return nil }
            state.isFetching = true
            return .fetch(refreshed: state.refreshed)
        }
        if case .fetch(let refreshed)? = due { _ = fetchAndKeep(refreshed, stop: stop) }
        return state.withLock { state in
            TokenStatus(remaining: state.token?.life.map { $0.end - now() }, failure: state.failure)
        }
    }

    /// What failed is tried again once a minute.
    private func isRenewalDue(_ state: State) -> Bool {
        if state.failure != nil, let fetchedAt = state.fetchedAt, now() - fetchedAt < .seconds(60) { return false }
        guard let token = state.token else { return true }
        return token.life.map { $0.renewal <= now() } ?? false
    }

    private func fetchAndKeep(
        _ refreshed: (written: String, current: String)?, stop: StopSignal
    ) -> Result<Fetched, TokenError> {
        let result = fetch(refreshed, stop: stop)
        state.withLock { state in
            state.isFetching = false
            state.fetches += 1
            state.fetchedAt = now()
            switch result {
            case .success(let (token, refreshed)):
                state.token = token
                state.failure = nil
                state.refreshed = refreshed
            case .failure(let failure): state.failure = failure
            }
        }
        return result
    }

    /// Waits for a fetch under way, whose failure is the failure of all who waited.
    private func turn(insteadOf refused: String?) -> Turn {
        var awaited: Int?
        let turn = state.wait { state -> Turn? in
            if let awaited, state.fetches > awaited, let failure = state.failure { return .failure(failure) }
            if state.token?.value == refused { state.token = nil }
            if let token = state.token, token.life.map({ now() < $0.kept }) ?? true { return .token(token.value) }
            guard !state.isFetching else {
                awaited = state.fetches
                return nil
            }
            state.isFetching = true
            return .fetch(refreshed: state.refreshed)
        }
        return turn ?? .failure(TokenError("the token is not there", cure: "try again later"))
    }

    private typealias Fetched = (token: Token, refreshed: (written: String, current: String)?)

    private func fetch(_ refreshed: (written: String, current: String)?, stop: StopSignal) -> Result<
        Fetched, TokenError
    > {
        do throws(TokenError) {
            let start = now()
            let written = try endpoint.refreshToken?().get()
            let current = refreshed?.written == written ? refreshed?.current : nil
            let (fields, secrets) = try endpoint.form(refreshed: current)
            let request = FormRequest(url: endpoint.url, caFile: endpoint.caFile, timeout: endpoint.timeout)
            let answer = try TokenAnswer(
                try request.post(encodedForm(fields), stop: stop), from: endpoint, secrets: secrets)
            let next = (answer.refreshToken ?? current).flatMap { next in written.map { (written: $0, current: next) } }
            let token = Token(
                value: answer.token,
                life: answer.lifetime.map { Life(start: start, seconds: $0) })
            return .success((token, next))
        } catch {
            return .failure(error)
        }
    }
}
