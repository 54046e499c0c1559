import Benchmarks
import Cryptography
import JOSE
import Threading

/// Signed tokens a second through the room JOSE, against OpenSSL alone making the same signature over the same bytes.
enum Tokens {
    /// About as long as an ID token's.
    private static let payload = Array(
        """
        {"iss":"https://otp.example.org","sub":"8f14e45fceea167a5a36dedd4bea2543","aud":"e-katalog","exp":1764003600,\
        "iat":1764000000,"auth_time":1763999990,"nonce":"n-0S6_WzA2Mj","sid":"08a5019c-17e1-4977-8f42-65a12843ea02",\
        "amr":["pwd","otp"],"acr":"2","email":"budi@example.org","preferred_username":"budi"}
        """.utf8)

    static let benchmark = Benchmark(
        Line(
            "tokens",
            "Tokens signed through the room JOSE, ES256 and RS256, over OpenSSL alone signing the same bytes.",
            target: "at least 0.95", seconds: 25), run)

    static func run(_ run: Run) throws {
        for (algorithm, count) in [(SignatureAlgorithm.es256, 40_000), (.rs256, 2_000)] {
            let key = PrivateKey.generate(algorithm)
            let signed = Array(key.sign(payload, type: "JWT").utf8.prefix { $0 != UInt8(ascii: ".") }) + payload
            for threads in Set([1, cores]).sorted() {
                let bare = BareSigner(algorithm == .es256 ? .ecdsa : .rsa)
                let measure = Measure(
                    "tokens, \(algorithm.rawValue), threads: \(threads)", "signatures/s", "JOSE", over: "OpenSSL alone",
                    .atLeast(0.95))
                try run.compare(measure, rounds: 5) {
                    perSecond(count, threads) { _ = key.sign(payload, type: "JWT") }
                } over: {
                    perSecond(count, threads) { bare.sign(signed) }
                }
            }
        }
    }

    private static func perSecond(_ count: Int, _ threads: Int, _ body: @escaping @Sendable () -> Void) -> Double {
        let time = seconds {
            let all = (0..<threads).map { number in
                Thread(name: "signer-\(number)") { for _ in 0..<count / threads { body() } }
            }
            for thread in all { thread.join() }
        }
        return Double(count) / time
    }
}
