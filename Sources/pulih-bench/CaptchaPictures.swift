import Benchmarks
import Cryptography
import Domain
import Pictures
import Threading

/// Captcha pictures a second through the portal, each another one, against cairo alone drawing and compressing the same
/// pixels on as many threads as there are cores.
enum CaptchaPictures {
    static let benchmark = Benchmark(
        Line(
            "captcha",
            "Captcha pictures through the portal, 64 clients, over cairo alone drawing and compressing the same pixels on "
                + "all cores.",
            target: "at least 0.8", seconds: 30, needs: [.program]), run)

    private static let count = 2_000

    static func run(_ run: Run) throws {
        let installation = try Installation(run.folder, accounts: 1)
        let service = try CaptchaService(key: installation.key("captcha"), alphabet: Captcha.alphabet)
        let challenges = (0..<count).map { _ in service.challenge(at: BenchClock().now(), random: SystemRandom()) }
        let bare = try challenges.map { try BareCaptcha(code: $0.code, seed: $0.seed) }
        let portal = try installation.startPortal()
        defer { portal.stop() }
        let measure = Measure(
            "captcha pictures", "pictures/s", "Pulih's portal", over: "cairo alone, a thread a core", .atLeast(0.8))
        let requests = challenges.map {
            LoopbackClient.request("GET", "/captcha/\($0.id).png", headers: "Host: localhost\r\n")
        }
        var waits: [Double] = []
        try run.compare(measure) {
            try LoopbackLoad.drive(installation.portalPort, requests, into: &waits, expecting: "image/png")
        } over: {
            alone(bare)
        }
    }

    private static func alone(_ pictures: [BareCaptcha]) -> Double {
        let time = seconds {
            let all = (0..<cores).map { first in
                Thread(name: "cairo-\(first)") {
                    for number in stride(from: first, to: pictures.count, by: cores) { _ = pictures[number].png() }
                }
            }
            for thread in all { thread.join() }
        }
        return Double(pictures.count) / time
    }
}
