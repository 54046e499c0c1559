import Foundation
import Glibc
import Support
import Testing

/// The portal is killed at any moment of a code's life, again and again.
@Suite(.serialized)
struct ForwardAuthKillTests {
    @Test("No code is honoured twice, and no login that was answered is lost", arguments: [1, 2])
    func kills(seed: UInt64) throws {
        let installation = try Installation()
        try installation.configure(
            "applications: [{ id: \"papan\", name: \"Papan\", hosts: [\"papan.example.org\"] }],")
        var portal = try installation.start("portal")
        let person = LoginClient(installation.portal)
        try person.enter(Installation.budi)
        #expect(try person.isLetIn(by: try Oathtool.code(secretBase32: Installation.secret, at: Date())))
        let random = SeededRandom(seed)
        var (entered, unanswered, honouredLater) = (0, 0, 0)
        for round in 1...30 {
            let visitor = HostVisitor(installation.portal)
            let code = try visitor.setOut(as: person)
            // Up to about the time that an answer takes, so that every step of it is hit.
            let pause = UInt32(random.below(4000))
            let killer = portal
            let answer = try inParallel(2) { number -> HTTPAnswer? in
                if number == 0 {
                    usleep(pause)
                    killer.signal(SIGKILL)
                    return nil
                }
                return try? visitor.redeem(code)
            }[1]
            #expect(try portal.waitForExit() == .signal(SIGKILL))
            portal = try installation.start("portal")
            let note: Comment = "seed \(seed), round \(round), killed after \(pause) us"
            if answer?.status == 303 {
                entered += 1
                #expect(try visitor.isLetIn(), note)
                #expect(try visitor.redeem(code).status == 403, note)
            } else {
                #expect(answer == nil, note)
                unanswered += 1
                // What was not answered may have happened, or may happen now, but never twice.
                let again = try visitor.redeem(code).status
                #expect([303, 403].contains(again), note)
                if again == 303 { honouredLater += 1 }
                #expect(try visitor.redeem(code).status == 403, note)
                let next = try visitor.setOut(as: person)
                #expect(try visitor.redeem(next).status == 303, note)
                #expect(try visitor.isLetIn(), note)
            }
        }
        print("seed \(seed): \(entered) answered, \(unanswered) not, \(honouredLater) of these honoured later")
        #expect(entered > 0 && unanswered > 0)
        #expect(try installation.run("audit", "verify").exit == .code(0))
        try portal.stop(timeout: .seconds(15))
    }
}

/// A browser at the host of an application, straight at the portal, as the proxy would hand its requests on.
private final class HostVisitor: @unchecked Sendable {
    // Used by one thread at a time.
    private let port: FreePort
    private var cookies: [String: String] = [:]

    init(_ port: FreePort) { self.port = port }

    /// From the host to the portal, where `person` is logged in.
    /// - Returns: the code that the portal gives.
    func setOut(as person: LoginClient) throws -> String {
        let way = try #require(try get("/.pulih/start?rd=/").header("Location"))
        let path = try #require(way.firstRange(of: "/login/application").map { String(way[$0.lowerBound...]) })
        let back = try #require(try person.client.get(path).header("Location"))
        return String(try #require(back.firstMatch(of: /code=(.+)$/)).output.1)
    }

    func redeem(_ code: String) throws -> HTTPAnswer { try get("/.pulih/callback?code=\(code)") }

    func isLetIn() throws -> Bool { try get("/.pulih/verify").header("Remote-User") == "budi" }

    private func get(_ path: String) throws -> HTTPAnswer {
        let client = HTTPClient(port: port.number)
        client.cookies = cookies
        let answer = try client.get(path, headers: [("Host", "papan.example.org")])
        cookies = client.cookies
        return answer
    }
}
