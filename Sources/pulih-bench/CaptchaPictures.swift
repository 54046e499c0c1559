import Cryptography
import Domain
import Glibc
import Pictures
import Threading

/// Captcha pictures a second through the portal, each another one, against cairo alone drawing and compressing the same
/// pixels on as many threads as there are cores.
enum CaptchaPictures {
    private static let count = 2_000

    static func run(_ folder: WorkFolder) throws {
        let installation = try Installation(folder, relayPort: Sink.port() + 20, lanes: 1, accounts: 1)
        let service = try CaptchaService(key: installation.key("captcha"), alphabet: Captcha.alphabet)
        let challenges = (0..<count).map { _ in service.challenge(at: BenchClock().now(), random: SystemRandom()) }
        let bare = try challenges.map { try BareCaptcha(code: $0.code, seed: $0.seed) }
        let portal = try installation.start("portal", log: folder.fresh("portal"))
        defer { portal.stop() }
        try portal.answers(on: installation.portalPort)
        try compare(
            "captcha pictures", unit: "pictures/s", rounds: 5,
            (
                "through the portal",
                {
                    var waits: [Double] = []
                    return try LoopbackLoad.drive(
                        installation.portalPort, count, into: &waits, expecting: "image/png"
                    ) { client, number in
                        try client.begin(
                            "GET", "/captcha/\(challenges[number].id).png", headers: "Host: localhost\r\n")
                    }
                }
            ),
            ("cairo alone", { alone(bare) }))
    }

    private static func alone(_ pictures: [BareCaptcha]) -> Double {
        let threads = Int(sysconf(Int32(_SC_NPROCESSORS_ONLN)))
        let time = seconds {
            let all = (0..<threads).map { first in
                Thread(name: "cairo-\(first)") {
                    for number in stride(from: first, to: pictures.count, by: threads) { _ = pictures[number].png() }
                }
            }
            for thread in all { thread.join() }
        }
        return Double(pictures.count) / time
    }
}
