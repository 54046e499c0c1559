import Cryptography
import Domain
import Foundation
import HTTPServer
import Pages
import Pictures
import Portal
import Support
import Synchronization
import Testing

/// The portal over a real database of its own, at a time that a test says, asked without a socket.
final class PortalFixture: Sendable {
    static let key = SecretKey(bytes: [UInt8](repeating: 7, count: 32))!
    static let captchas = CaptchaService(key: key, alphabet: Captcha.alphabet)
    static func settings(_ applications: [Application]) -> Portal.Settings {
        Portal.Settings(
            site: "https://otp.example.org",
            userTypes: [
                UserType(id: "penyedia", labels: [.indonesian: "Penyedia"]),
                UserType(id: "non-penyedia", labels: [.indonesian: "Non Penyedia", .english: "Other"]),
            ],
            applications: applications, zone: .wib, linkLifetime: .minutes(30), perAddressPerHour: 10)
    }

    let scene: LoginScene
    private let router: Router

    var temporary: TemporaryDatabase { scene.fixture }

    init(
        isSecure: Bool = false, state: TOTPState = .active, applications: [Application] = [],
        speech: (any SpeechSynthesizer)? = nil
    ) throws {
        scene = try LoginScene(state: state)
        let pages = try Self.pages(isSecure: isSecure)
        let portal = Portal(
            settings: Self.settings(applications), store: scene.store, pages: pages,
            services: Portal.Services(
                captchas: Self.captchas, reset: ResetConfirmation(links: ResetLinks(key: Self.key)),
                tickets: scene.tickets, destinations: LoginDestinations(key: Self.key),
                forward: ForwardAuth(applications: applications, sessions: scene.sessions, random: scene.random),
                login: scene.login, sessions: scene.sessions, codes: scene.codes, enrollment: scene.enrollment,
                recovery: scene.recovery,
                openID: OpenIDServices(
                    issuer: Self.settings(applications).site,
                    grants: OpenIDGrants(sessions: scene.sessions, random: scene.random),
                    tokens: WrittenTokens())),
            forms: FormTokens(key: Self.key), clock: scene.clock, random: SeededRandom(), logger: Silence(),
            speech: speech)
        router = portal.router
    }

    static func pages(isSecure: Bool = false) throws -> Pages {
        try Pages(
            Pages.Settings(language: .indonesian, helpdesk: "helpdesk@example.org", isSecure: isSecure),
            read: ProjectFile.template)
    }

    func send(
        _ method: HTTPServer.Method = .get, _ target: String, _ headers: [String: String] = [:], body: String = ""
    ) throws -> Response {
        let all = headers.merging(["Content-Type": "application/x-www-form-urlencoded"]) { own, _ in own }
        let request = try Request(
            method: method, target: target, headers: Headers(all.map { Field(name: $0, value: $1) }),
            body: Array(body.utf8), client: IPAddress("192.0.2.7"))
        let before = scene.passwords.verifications
        let response = router.answer(request)
        #expect(
            scene.passwords.verifications == before || router.takesLong(request),
            "\(target) checks a password, so that others must not wait for it")
        return response
    }
}

extension Response {
    var text: String { String(decoding: body, as: UTF8.self) }
}

/// ID tokens as a test writes them: `audience/subject/session`.
struct WrittenTokens: IDTokenReader {
    func hint(_ text: String, at now: Instant) -> IDTokenHint? {
        let parts = text.split(separator: "/").map(String.init)
        return parts.count == 3 ? IDTokenHint(subject: parts[1], audience: parts[0], session: parts[2]) : nil
    }
}

struct Silence: Logger {
    func log(_ level: LogLevel, _ event: String, _ fields: KeyValuePairs<String, String>) {}
}
