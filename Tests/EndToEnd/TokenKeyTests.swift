import Foundation
import Support
import Testing

/// `pulih keys rotate token` and `pulih keys forget token`.
@Suite
struct TokenKeyTests {
    private struct KeyLine: Decodable {
        let key: String
        let id: String
        let state: String
        let algorithm: String?
        let from: Int64?
        let until: Int64?
    }

    @Test("Token keys are made, published before they sign, replaced and forgotten; no output shows one")
    func rotation() throws {
        let installation = try Installation()
        let file = installation.folder.file("keys/token.key")
        #expect(try states(installation) == ["ES256 current", "RS256 current"])
        #expect(try installation.succeed("check").contains("ok    token keys"))

        // As it is with an installation from before there were such keys.
        try FileManager.default.removeItem(atPath: file)
        #expect(try states(installation) == [])
        #expect(try installation.succeed("keys", "rotate", "token").contains("sign from now on"))
        let mode = try FileManager.default.attributesOfItem(atPath: file)[.posixPermissions] as? Int
        #expect(mode == 0o600)
        #expect(try states(installation) == ["ES256 current", "RS256 current"])
        let first = try keys(installation)

        let told = try installation.succeed("keys", "rotate", "token")
        let both = try keys(installation)
        #expect(try states(installation) == ["ES256 current", "ES256 coming", "RS256 current", "RS256 coming"])
        for key in both { #expect(told.contains("\(key.algorithm ?? "?") \(key.id)")) }
        let coming = try #require(both.first { $0.state == "coming" }?.from)
        let lead = Double(coming) / 1000 - Date().timeIntervalSince1970
        #expect(lead > 68 * 60 && lead <= 70 * 60)
        #expect(try installation.succeed("keys", "rotate", "token").contains("are there already and sign from"))
        #expect(try keys(installation).map(\.id) == both.map(\.id))

        // The new keys begin to sign: the moments in the file are moved to the past.
        let text = try installation.folder.read("keys/token.key")
        let made = try #require(first.first?.from)
        let hourAgo = Date(timeIntervalSinceNow: -3600).formatted(.iso8601)
        try installation.folder.write(
            text.replacingOccurrences(of: moment(made), with: "2026-01-01T00:00:00Z")
                .replacingOccurrences(of: moment(coming), with: hourAgo), to: "keys/token.key")
        let replaced = try keys(installation).filter { $0.state == "previous" }
        #expect(Set(replaced.map(\.id)) == Set(first.map(\.id)))
        #expect(replaced.allSatisfy { $0.until != nil })
        let sooner = try installation.succeed("keys", "rotate", "token", "--lead", "10 s")
        #expect(sooner.contains("refuses tokens meanwhile"))
        #expect(try keys(installation).count == 6)
        let forgotten = try installation.succeed("keys", "forget", "token")
        for key in first { #expect(forgotten.contains(key.id)) }
        #expect(try keys(installation).allSatisfy { key in !first.contains { $0.id == key.id } })
        let outputs = [told, sooner, forgotten, try installation.succeed("keys", "show")].joined()
        for line in text.split(separator: "\n") {
            let secret = try #require(line.firstMatch(of: /"d":"([^"]+)"/)).output.1
            #expect(!outputs.contains(secret))
        }

        // What ran out is removed by a later rotation.
        let left = try keys(installation)
        let next = try #require(left.first { $0.state != "current" }?.from)
        try installation.folder.write(
            try installation.folder.read("keys/token.key")
                .replacingOccurrences(of: hourAgo, with: "2026-01-01T00:00:00Z")
                .replacingOccurrences(
                    of: moment(next), with: Date(timeIntervalSinceNow: -26 * 3600).formatted(.iso8601)),
            to: "keys/token.key")
        #expect(try states(installation) == ["ES256 expired", "ES256 current", "RS256 expired", "RS256 current"])
        #expect(try installation.succeed("keys", "rotate", "token").contains("removed, since"))
        #expect(try states(installation) == ["ES256 current", "ES256 coming", "RS256 current", "RS256 coming"])
        let audit = try installation.succeed("audit", "list")
        #expect(audit.contains("key_rotated"))
    }

    @Test("A broken file is a fault of the check, and the command leaves it as it is")
    func broken() throws {
        let installation = try Installation()
        try installation.folder.write("broken\n", to: "keys/token.key")
        let check = try installation.run("check")
        #expect(check.exit == .code(1))
        #expect(check.output.contains("FAULT token keys"))
        #expect(try installation.run("keys", "rotate", "token").exit == .code(1))
        #expect(try installation.folder.read("keys/token.key") == "broken\n")
        #expect(try installation.run("keys", "forget", "link").exit == .code(2))
        #expect(try installation.run("keys", "rotate", "tokens").exit == .code(2))
    }

    private func moment(_ milliseconds: Int64) -> String {
        Date(timeIntervalSince1970: Double(milliseconds) / 1000).formatted(.iso8601)
    }

    private func keys(_ installation: Installation) throws -> [KeyLine] {
        try JSONDecoder().decode(
            [KeyLine].self, from: Data(try installation.succeed("keys", "show", "--json").utf8)
        ).filter { $0.key == "token" }
    }

    private func states(_ installation: Installation) throws -> [String] {
        try keys(installation).map { "\($0.algorithm ?? "?") \($0.state)" }
    }
}
