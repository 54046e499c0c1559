import Cryptography
import Domain
import Foundation
import Testing

/// Debian's oathtool as the authenticator app.
@Suite("TOTP against oathtool", .enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/oathtool")))
struct TOTPPeerTests {
    @Test("200 random secrets and moments give oathtool's codes", arguments: HashAlgorithm.allCases, [6, 8])
    func codes(algorithm: HashAlgorithm, digits: Int) throws {
        let parameters = try TOTPParameters(algorithm: algorithm, digits: digits)
        for _ in 0..<34 {
            let secret = try #require(TOTPSecret(bytes: SystemRandom().bytes(.random(in: TOTPSecret.byteCounts))))
            let seconds = Int64.random(in: 0...4_102_444_800)
            let shown = try oathtool(
                "--totp=\(algorithm.rawValue)", "--digits=\(digits)", "--now=@\(seconds)", "--base32", secret.base32)
            let step = TOTP.step(at: seconds * 1000, period: 30)
            #expect(TOTP.code(secret: secret, parameters: parameters, step: step) == shown)
            let verdict = TOTP.verify(
                code: shown, secret: secret, parameters: parameters, at: seconds * 1000, lastAcceptedStep: nil)
            #expect(verdict == .accepted(step: step, drift: 0))
        }
    }

    @Test("oathtool accepts our codes, and its time step is ours at other periods", arguments: [15, 60, 120])
    func periods(period: Int) throws {
        let parameters = try TOTPParameters(period: period)
        let secret = TOTPSecret(random: SystemRandom())
        let code = TOTP.code(
            secret: secret, parameters: parameters, step: TOTP.step(at: 1_800_000_000_000, period: period))
        let arguments = ["--totp", "--time-step-size=\(period)s", "--now=@1800000000", "--base32"]
        #expect(try oathtool(arguments + [secret.manualKey, code]) == "0")
        #expect(try oathtool(arguments + [secret.manualKey]) == code)
    }

    private func oathtool(_ arguments: String...) throws -> String { try oathtool(arguments) }

    private func oathtool(_ arguments: [String]) throws -> String {
        let process = Process()
        let output = Pipe()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/oathtool")
        process.arguments = arguments
        process.standardOutput = output
        try process.run()
        let text = try #require(try output.fileHandleForReading.readToEnd())
        process.waitUntilExit()
        try #require(process.terminationStatus == 0)
        return String(decoding: text, as: UTF8.self).trimmingCharacters(in: .newlines)
    }
}
