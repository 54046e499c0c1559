import SMTP
import Support
import Testing
import Threading

@testable import OAuth

/// Tokens from a real endpoint over TLS.
@Suite("Fetched tokens")
struct TokenCacheTests {
    private let server: ScriptedServer

    init() throws {
        server = try ScriptedServer(TestCertificate(), [.token("first"), .token("second"), .token("third")])
    }

    private func endpoint(secret: String? = "client-secret", refresh: String? = nil) -> TokenEndpoint {
        TokenEndpoint(
            url: server.url, caFile: server.authorityFile, clientID: "pulih & co", clientSecret: secret.map(Self.given),
            refreshToken: refresh.map(Self.given), scope: "mail.send offline")
    }

    private static func given(_ text: String) -> TokenEndpoint.Secret { { .success(text) } }

    private func token(_ cache: TokenCache, insteadOf refused: String? = nil) throws -> String {
        try cache.token(insteadOf: refused, stop: StopSignal())
    }

    @Test("A client asks by its own right, once for many uses")
    func clientCredentials() throws {
        let cache = TokenCache(endpoint())
        for _ in 0..<3 { #expect(try token(cache) == "first") }
        #expect(
            server.requests.map(\.form) == [
                [
                    "grant_type": "client_credentials", "client_id": "pulih & co", "client_secret": "client-secret",
                    "scope": "mail.send offline",
                ]
            ])
    }

    @Test("With a refresh token the client acts for an account, and a new refresh token takes the place of the old")
    func refresh() throws {
        try server.give([
            .init(#"{"access_token": "first", "expires_in": "3600", "refresh_token": "refresh-2"}"#), .token("second"),
        ])
        let cache = TokenCache(endpoint(secret: nil, refresh: "refresh-1"))
        #expect(try token(cache) == "first")
        #expect(try token(cache, insteadOf: "first") == "second")
        #expect(try token(cache, insteadOf: "second") == "second", "the endpoint knows no other")
        #expect(server.requests.map { $0.form["grant_type"] } == ["refresh_token", "refresh_token", "refresh_token"])
        #expect(server.requests.map { $0.form["refresh_token"] } == ["refresh-1", "refresh-2", "refresh-2"])
        #expect(server.requests.allSatisfy { $0.form["client_secret"] == nil })
    }

    @Test("It is kept until a minute before its end; a short one for half its life; without an end until it is refused")
    func lifetime() throws {
        try server.give([
            .token("hour", lifetime: 3600), .token("short", lifetime: 10), .init(#"{"access_token": "endless"}"#),
        ])
        let start = ContinuousClock.now
        let time = Monitor(start)
        let cache = TokenCache(endpoint(), now: { time.withLock { $0 } })
        for (seconds, expected) in [
            (0, "hour"), (3539, "hour"), (3540, "short"), (3544, "short"), (3545, "endless"), (9_999_999, "endless"),
        ] {
            time.withLock { $0 = start + .seconds(seconds) }
            #expect(try token(cache) == expected, "after \(seconds) s")
        }
        #expect(server.requests.count == 3)
    }

    @Test(
        "It is renewed five minutes before its end, and a failure is told while it is still good and tried again in a minute"
    )
    func renewal() throws {
        try server.give([
            .token("hour", lifetime: 3600), .error("invalid_client", "The secret has ended"),
            .error("invalid_client", "The secret has ended"), .token("next", lifetime: 3600),
        ])
        let start = ContinuousClock.now
        let time = Monitor(start)
        let cache = TokenCache(endpoint(), now: { time.withLock { $0 } })
        func renew(at seconds: Int) -> TokenStatus {
            time.withLock { $0 = start + .seconds(seconds) }
            return cache.renew(stop: StopSignal())
        }
        for (seconds, requests) in [(0, 1), (3_299, 1)] {
            #expect(renew(at: seconds) == TokenStatus(remaining: .seconds(3_600 - seconds), failure: nil))
            #expect(server.requests.count == requests)
        }
        for (seconds, requests) in [(3_300, 2), (3_359, 2), (3_360, 3)] {
            let status = renew(at: seconds)
            #expect(status.remaining == .seconds(3_600 - seconds))
            #expect(status.failure?.sentence.contains("The secret has ended") == true)
            #expect(server.requests.count == requests, "after \(seconds) s")
            #expect(try token(cache) == "hour", "it is still good")
        }
        #expect(renew(at: 3_420) == TokenStatus(remaining: .seconds(3_600), failure: nil))
        #expect(try token(cache) == "next")
    }

    @Test("While one fetches the others wait, and all have the same token")
    func shared() throws {
        try server.give([.token("first", isHeld: true), .token("second")])
        let cache = TokenCache(endpoint())
        let server = server
        let tokens = try inParallel(9) { number in
            if number == 0 {
                try server.waitForRequests(1)
                try server.release()
            }
            return try cache.token(insteadOf: nil, stop: StopSignal())
        }
        #expect(Set(tokens) == ["first"])
        #expect(server.requests.count == 1)
    }

    @Test("A token that was refused to several is fetched anew once")
    func refused() throws {
        let cache = TokenCache(endpoint())
        #expect(try token(cache) == "first")
        let tokens = try inParallel(6) { _ in try cache.token(insteadOf: "first", stop: StopSignal()) }
        #expect(Set(tokens) == ["second"])
        #expect(server.requests.count == 2)
    }

    @Test("A fetch that fails fails for all who wait, and the next try asks again")
    func failure() throws {
        try server.give([.error("invalid_client", "no"), .token("later")])
        let cache = TokenCache(endpoint())
        #expect(throws: TokenError.self) { try token(cache) }
        #expect(try token(cache) == "later")
    }

    @Test("A stop ends a fetch that hangs")
    func stop() throws {
        try server.give([.token("first", isHeld: true)])
        let cache = TokenCache(endpoint())
        let (server, signal) = (server, StopSignal())
        let results = try inParallel(2) { number in
            if number == 0 {
                try server.waitForRequests(1)
                signal.raise()
                return ""
            }
            do throws(TokenError) {
                return try cache.token(insteadOf: nil, stop: signal)
            } catch {
                return error.event
            }
        }
        #expect(results[1].contains("asked to stop"))
        try server.release()
    }
}
