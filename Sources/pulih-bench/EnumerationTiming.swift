import Cryptography
import Domain
import FoundationEssentials
import Pictures

/// Whether the time of an answer tells which accounts exist: login with a wrong password and requests for a reset, for
/// User IDs that are there and that are not, in random order, each from another address. Every second account came from
/// another system, with a hash that takes another time.
enum EnumerationTiming {
    private static let samples = 1000
    /// By sha512crypt with its usual 5,000 rounds.
    private static let foreignHash =
        "$6$saltofnobody$zYSRP61Vhi8ppH0k2X4Z0z1GDOqBmczaUW7XpLH3ADilX2EEjOXPDTla.OI6GPSBHmqbeimi5n/pBPthDJDvR/"

    static func run(_ folder: WorkFolder) throws {
        let hash = try PasswordHasher().hash(Array("a password of nobody".utf8), random: SystemRandom())
        let installation = try Installation(
            folder, relayPort: Sink.port(), lanes: 1, accounts: samples, passwordHashes: [hash, foreignHash])
        let log = folder.fresh("portal")
        let portal = try installation.start("portal", log: log)
        defer { portal.stop() }
        try portal.answers(on: installation.portalPort)
        let captcha = try CaptchaService(key: installation.key("captcha"), alphabet: Captcha.alphabet)
        try compare("login", installation) { client, userID in
            try client.logIn(userID, password: "a wrong password", leadsTo: 422)
        }
        try compare("reset", installation) { client, userID in
            let page = try client.get("/reset")
            let id = page.field("captcha")
            guard let challenge = captcha.challenge(id: id) else { throw BenchFailure("no captcha") }
            let fields = [
                "user_id": userID, "email": "\(userID)@example.org", "user_type": "penyedia", "captcha": id,
                "security_code": challenge.code,
            ]
            return try seconds {
                guard try client.post("/reset", fields, token: page).status == 303 else {
                    throw BenchFailure("a request was refused")
                }
            }
        }
    }

    /// Two kinds of hashes make two heaps of times, between which a median would jump about.
    private static func mean(_ times: [Double]) -> Double { times.reduce(0, +) / Double(times.count) }

    /// - Parameter attempt: answers the seconds of what depends on the User ID.
    private static func compare(
        _ what: String, _ installation: Installation, _ attempt: (PortalClient, String) throws -> Double
    ) throws {
        var order = (1...samples).flatMap { [(true, $0), (false, $0)] }
        order.shuffle()
        var known: [Double] = []
        var unknown: [Double] = []
        for (index, (isKnown, number)) in order.enumerated() {
            let client = try PortalClient(port: installation.portalPort, from: "10.0.\(index / 250).\(index % 250)")
            let time = try attempt(client, "\(isKnown ? "user" : "none")\(number)")
            if isKnown { known.append(time) } else { unknown.append(time) }
        }
        let ranks = RankSumTest(known, unknown)
        printLine(
            "timing of \(what): known account \(hundredths(mean(known) * 1000)) ms, unknown "
                + "\(hundredths(mean(unknown) * 1000)) ms (means of \(samples)), ratio "
                + "\(hundredths(mean(known) / mean(unknown))); rank test: z \(hundredths(ranks.deviation)), "
                + "p \(hundredths(ranks.probability))")
    }
}

extension PortalClient {
    /// User ID and password.
    /// - Parameter status: of the last answer.
    /// - Returns: seconds of the two posts, without the pages before them.
    func logIn(_ userID: String, password: String, leadsTo status: Int) throws -> Double {
        let first = try get("/login")
        var time = try seconds {
            let fields = ["user_id": userID, "user_type": "penyedia,non-penyedia"]
            guard try post("/login", fields, token: first).location == "/login/password" else {
                throw BenchFailure("the User ID was refused")
            }
        }
        let second = try get("/login/password")
        time += try seconds {
            let answer = try post("/login/password", ["password": password], token: second)
            guard answer.status == status else { throw BenchFailure("the password was answered \(answer.status)") }
        }
        return time
    }
}
