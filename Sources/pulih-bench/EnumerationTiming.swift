import Benchmarks
import Cryptography
import Domain
import Pictures

/// Whether the time of an answer tells which accounts exist: login with a wrong password and requests for a reset, for
/// User IDs that are there and that are not, in random order, each from another address. Every second account came from
/// another system, with a hash that takes another time.
enum EnumerationTiming {
    private static let rounds = 5
    /// Of each kind, in a round.
    private static let samples = 200
    /// By sha512crypt with its usual 5,000 rounds.
    private static let foreignHash =
        "$6$saltofnobody$zYSRP61Vhi8ppH0k2X4Z0z1GDOqBmczaUW7XpLH3ADilX2EEjOXPDTla.OI6GPSBHmqbeimi5n/pBPthDJDvR/"

    static let benchmark = Benchmark(
        Line(
            "timing",
            "Whether the time of an answer tells which User IDs exist: a wrong password and the reset form, "
                + "known over unknown.",
            seconds: 45, needs: [.program]), run)

    static func run(_ run: Run) throws {
        let hash = try PasswordHasher().hash(Array("a password of nobody".utf8), random: SystemRandom())
        let installation = try Installation(
            run.folder, accounts: rounds * samples, passwordHashes: [hash, foreignHash])
        let portal = try installation.startPortal()
        defer { portal.stop() }
        let captchas = try CaptchaService(key: installation.key("captcha"), alphabet: Captcha.alphabet)
        try compare("a wrong password", run, installation) { client, userID in
            try client.logIn(userID, password: "a wrong password", leadsTo: 422)
        }
        try compare("the reset form", run, installation) { client, userID in
            let page = try client.get("/reset")
            let id = page.field("captcha")
            guard let challenge = captchas.challenge(id: id) else { throw BenchFailure("no captcha") }
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

    /// - Parameter attempt: answers the seconds of what depends on the User ID.
    private static func compare(
        _ what: String, _ run: Run, _ installation: Installation, _ attempt: (PortalClient, String) throws -> Double
    ) throws {
        var (allKnown, allUnknown): ([Double], [Double]) = ([], [])
        let measure = Measure("timing, \(what), means", "ms", "known User IDs", over: "unknown ones")
        try run.compare([measure], rounds: rounds) { round in
            var (known, unknown): ([Double], [Double]) = ([], [])
            let numbers = ((round - 1) * samples + 1)...(round * samples)
            for (index, (isKnown, number)) in numbers.flatMap({ [(true, $0), (false, $0)] }).shuffled().enumerated() {
                let client = try PortalClient(
                    port: installation.portalPort, from: "10.\(round).\(index / 250).\(index % 250)")
                let time = try attempt(client, "\(isKnown ? "user" : "none")\(number)")
                if isKnown { known.append(time) } else { unknown.append(time) }
            }
            allKnown += known
            allUnknown += unknown
            // Two kinds of hashes make two heaps of times, between which a median would jump about.
            return [(mean(known) * 1000, mean(unknown) * 1000)]
        }
        let ranks = RankSumTest(allKnown, allUnknown)
        run.tell("\(what), rank test of \(rounds * samples) each, standard deviations", ranks.deviation, "")
        run.tell("\(what), how often chance alone gives as much", ranks.probability, "")
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
