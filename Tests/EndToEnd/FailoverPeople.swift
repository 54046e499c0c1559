import Cryptography
import Domain
import Foundation
import Glibc
import Pictures
import Support
import Testing

/// People who ask for resets at any of the portals until they are told that a mail is on its way, and open their links. For
/// some of them an application asks.
struct FailoverPeople: Sendable {
    let machines: Machines
    let history: FailoverHistory
    private let captchas: CaptchaService
    private let random: SeededRandom
    private let applicationKey: String

    /// Of the words for each language: what somebody reads who cannot be served now.
    private static let sentence = "Kami belum dapat menerima permintaan Anda saat ini"
    /// Between two tries, in microseconds.
    private static let pause: UInt32 = 100_000

    init(_ machines: Machines, _ history: FailoverHistory) throws {
        (self.machines, self.history) = (machines, history)
        random = SeededRandom(history.seed)
        let bytes = try #require(Base64URL.decode(try machines.key("captcha")))
        let key = try #require(SecretKey(bytes: bytes))
        captchas = CaptchaService(key: key, alphabet: Captcha.alphabet)
        applicationKey = try machines.run("application", "add-key", "e-katalog").trimmed
    }

    /// Whether an application asks for this person.
    static func hasApplication(_ person: Int) -> Bool { person % 4 == 0 }

    /// Fills in the form, at one portal or the other, until it is taken.
    func ask(_ person: Int) throws {
        guard !Self.hasApplication(person) else { return try askByApplication(person) }
        try insist(person) { client in
            let form = try FormPage(try client.get("/reset"))
            let code = try #require(captchas.challenge(id: form.captcha)).code
            let answer = try client.post(
                "/reset",
                form: [
                    ("csrf", form.csrf), ("captcha", form.captcha), ("security_code", code),
                    ("user_id", "user\(person)"), ("email", "user\(person)@example.org"), ("user_type", "penyedia"),
                ])
            guard answer.status == 303 else { return try refusal(answer) }
            return .acknowledged(request: try #require(client.cookies["__Host-pulih-request"]))
        }
    }

    /// The same request under the same key until it is answered. The first answer is lost on the way.
    private func askByApplication(_ person: Int) throws {
        let fields = ["user_id": "user\(person)", "email": "user\(person)@example.org", "user_type": "penyedia"]
        let body = try JSONEncoder().encode(fields)
        var isLost = true
        try insist(person, at: \.apiPort) { client in
            let answer = try client.post(
                "/v1/reset-requests", type: "application/json", body: Array(body),
                headers: [
                    ("Authorization", "Bearer \(applicationKey)"), ("Idempotency-Key", "reset-of-user\(person)"),
                ])
            guard answer.status == 202 else {
                return try refusal(answer, saying: "urn:pulih:problem:unavailable")
            }
            defer { isLost = false }
            return isLost
                ? .unanswered : .acknowledged(request: try #require(JSON(parsing: answer.body)["id"].string))
        }
    }

    /// Waits for the mail and presses the link's button twice at once, at any portals, until somebody tells what became
    /// of it.
    func open(_ person: Int) throws {
        let mail = try machines.mail.waitForMessage(timeout: .seconds(120)) { message in
            message.isAccepted && message.recipients == ["user\(person)@example.org"]
        }
        let path = try Self.path(in: try mail.parsed(), machines.publicURL)
        _ = try inParallel(2) { _ in
            try insist(person) { client in
                let page = try client.get(path)
                if page.status == 410 { return .used }
                guard page.status == 200 else { return try refusal(page) }
                let answer = try client.post(path, form: [("csrf", try FormPage(page).csrf)])
                if answer.status == 410 { return .used }
                guard answer.status == 200, answer.text.contains("TOTP Berhasil di Reset") else {
                    return try refusal(answer)
                }
                return .confirmed
            }
        }
    }

    /// Whether a portal reads the database now: it is asked for a link that nobody has.
    func isServed(by portal: Machines.Machine) throws -> Bool {
        let link = "/reset/\(String(repeating: "A", count: 22)).\(String(repeating: "A", count: 43))"
        let asked = history.now
        defer { history.note(.refusal, history.now - asked) }
        let answer = try HTTPClient(port: portal.port.number).get(link)
        if answer.status == 404 { return true }
        _ = try refusal(answer)
        return false
    }

    static func path(in mail: ReceivedMail, _ publicURL: String) throws -> String {
        let link = try #require(mail.links(in: .text).first { !$0.hasSuffix("/cancel") && $0.contains("/reset/") })
        return String(link.dropFirst(publicURL.count))
    }

    private func refusal(_ answer: HTTPAnswer, saying words: String = sentence) throws -> FailoverHistory.Event {
        guard answer.status == 503, answer.text.contains(words) else {
            throw SupportFailure("answer \(answer.status)\n\(answer.text)\n\(history.story)")
        }
        return .refused
    }

    private func insist(
        _ person: Int, at port: KeyPath<Machines.Machine, FreePort> = \.port,
        _ attempt: (HTTPClient) throws -> FailoverHistory.Event
    ) throws {
        while true {
            let portal = random.below(machines.portals.count)
            let asked = history.now
            var event = FailoverHistory.Event.unanswered
            do {
                event = try attempt(HTTPClient(port: machines.portals[portal][keyPath: port].number))
            } catch is HTTPClientError {}
            history.record(event, person: person, portal: portal, since: asked)
            switch event {
            case .acknowledged, .confirmed, .used: return
            case .refused, .unanswered: usleep(Self.pause)
            }
        }
    }
}
