import Foundation
import SMTP
import Support
import Testing
import Threading

@testable import Configuration

@Suite("A token that another program renews")
struct TokenFileTests {
    private static func webToken(_ claims: String) -> String {
        let parts = [#"{"alg":"none"}"#, claims, "signature"].map { part in
            Data(part.utf8).base64EncodedString().replacing("=", with: "").replacing("+", with: "-").replacing(
                "/", with: "_")
        }
        return parts.joined(separator: ".")
    }

    private func status(_ token: String?) throws -> TokenStatus {
        let folder = try TemporaryFolder()
        if let token { try folder.write(token + "\n", to: "token") }
        return TokenFile(path: folder.file("token")).renew(stop: StopSignal())
    }

    @Test("One that tells its end is valid until then", arguments: [3_600, 61, 5])
    func webTokens(seconds: Int) throws {
        let end = Int(Date.now.timeIntervalSince1970) + seconds
        let status = try status(Self.webToken(#"{"exp":\#(end),"sub":"ÿ>?"}"#))
        let remaining = try #require(status.remaining)
        #expect(remaining <= .seconds(seconds) && remaining > .seconds(seconds - 5))
        #expect(status.failure == nil)
    }

    @Test("One that has ended is told as such")
    func ended() throws {
        let status = try status(Self.webToken(#"{"exp":1700000000}"#))
        #expect(status.failure?.event.hasSuffix("token has ended") == true)
    }

    @Test(
        "Of others the end is not known",
        arguments: ["ya29.opaque", "a.b.c", webToken("{}"), webToken(#"{"exp":"soon"}"#), webToken(#"{"exp":1e300}"#)])
    func opaque(token: String) throws {
        #expect(try status(token) == TokenStatus(remaining: nil, failure: nil))
    }

    @Test("A file that is missing or holds no token is told")
    func missing() throws {
        #expect(try status(nil).failure?.event.contains("cannot be read") == true)
        #expect(try status("two words").failure?.event.hasSuffix("holds what is no token") == true)
    }
}
