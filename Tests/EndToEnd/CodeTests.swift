import Foundation
import Support
import Testing

/// A code lets in once, wherever and however often it is tried, in real processes on one database.
@Suite
struct CodeTests {
    private let budi = Installation.budi

    @Test("A code is refused to a second session, also after a crash and a restart; a reset ends sessions")
    func replay() throws {
        let installation = try Installation()
        let portal = try installation.start("portal")
        var phone = AuthenticatorApp(secret: Installation.secret)
        let code = try phone.code()
        let owner = LoginClient(installation.portal)
        #expect(try owner.enter(budi) == "/login/code")
        #expect(try owner.isLetIn(by: code))
        let thief = LoginClient(installation.portal)
        #expect(try thief.enter(budi) == "/login/code")
        #expect(try !thief.isLetIn(by: code))

        portal.signal(SIGKILL)
        #expect(try portal.waitForExit() == .signal(SIGKILL))
        let second = try installation.start("portal")
        #expect(try owner.client.get("/home").status == 200, "the session has survived")
        #expect(try thief.client.get("/login/code").status == 200, "and so has the step it stood at")
        #expect(try !thief.isLetIn(by: code))

        try installation.succeed("user", "reset-totp", budi.userID, "--reason", "a test")
        let late = LoginClient(installation.portal)
        #expect(try late.enter(budi) == "/totp/enable")
        #expect(try owner.client.get("/home").status == 303, "a changed factor ends sessions")
        try second.stop(timeout: .seconds(15))
    }

    @Test("Two hundred posts of one code, from two sessions through two portals: one is let in")
    func parallel() throws {
        let installation = try Installation()
        let other = try FreePort()
        let configuration = try installation.folder.read("pulih.json5").replacingOccurrences(
            of: "listen: \"127.0.0.1:\(installation.portal.number)\"", with: "listen: \"127.0.0.1:\(other.number)\"")
        let file = try installation.folder.write(configuration, to: "second.json5")
        let portals = [try installation.start("portal"), try installation.start("portal", configuration: file)]
        let ports = [installation.portal.number, other.number]
        let sessions = try (0..<2).map { _ in
            let viewer = LoginClient(installation.portal)
            #expect(try viewer.enter(budi) == "/login/code")
            return (cookies: viewer.client.cookies, csrf: try FormPage(try viewer.client.get("/login/code")).csrf)
        }
        var phone = AuthenticatorApp(secret: Installation.secret)
        let code = try phone.code()
        let answers = try inParallel(200) { number in
            let session = sessions[number % 2]
            let client = HTTPClient(port: ports[number / 2 % 2])
            client.cookies = session.cookies
            return try client.post("/login/code", form: [("csrf", session.csrf), ("code", code)])
        }
        #expect(answers.filter(LoginClient.isLetIn).count == 1)
        #expect(answers.allSatisfy { $0.status < 500 })
        for portal in portals { #expect(try portal.stop(timeout: .seconds(15)) == .code(0)) }
    }

    /// Seconds by which the phone's clock is off, and whether its code is taken.
    static let clocks = [(-90, false), (-60, false), (-30, true), (0, true), (30, true), (60, false), (90, false)]

    @Test("Phones whose clock is wrong: one step is taken, a slow clock is explained", arguments: clocks)
    func wrongClock(offset: Int, isTaken: Bool) throws {
        let installation = try Installation()
        // Both clocks stand still, in the middle of a time step.
        let moment = Date(timeIntervalSince1970: 1_800_000_015)
        let portal = try installation.start("portal", at: moment)
        let viewer = LoginClient(installation.portal)
        #expect(try viewer.enter(budi) == "/login/code")
        let code = try Oathtool.code(
            secretBase32: Installation.secret, at: moment.addingTimeInterval(Double(offset))
        ).trimmed
        let answer = try viewer.submit("/login/code", ["code": code])
        #expect(LoginClient.isLetIn(answer) == isTaken)
        // Of a code that is still to come nobody learns that it will be right.
        #expect(answer.text.contains("Jam ponsel Anda terlambat") == (offset < -30))
        try portal.stop(timeout: .seconds(15))
    }
}
