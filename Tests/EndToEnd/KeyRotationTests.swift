import Cryptography
import Domain
import Foundation
import Glibc
import Support
import Testing

/// `pulih keys rotate` while people log in and ask for resets.
@Suite
struct KeyRotationTests {
    private struct KeyLine: Decodable {
        let key: String
        let id: String
        let state: String
        let secrets: Int?
    }

    @Test("The seal key is rotated under load and killed at every step: each secret opens after each, logins go on")
    func seal() throws {
        let installation = try Installation()
        let folder = installation.folder
        let hash = try installation.execute("SELECT password_hash FROM account WHERE user_id = 'budi'").trimmed
        let names = (1...1000).map { "user\($0)" }
        let list = names.map { name in
            "\(name),\(name)@example.org,penyedia,otpauth://totp/P:\(name)?secret=\(Installation.secret),\"\(hash)\""
        }
        let file = try folder.write(
            (["user_id,email,user_type,otpauth,password_hash"] + list).joined(separator: "\n"), to: "people.csv")
        try installation.succeed("user", "import", file)
        let portal = try installation.start("portal")
        // One login after another, each with an account of its own, whose code nobody has used.
        let logins = BackgroundLoad { number in
            let person = LoginClient(installation.portal)
            let name = names[number % names.count]
            try person.enter(.init(userID: name, email: "", userType: "penyedia", language: "id"))
            var phone = AuthenticatorApp(secret: Installation.secret)
            return try person.isLetIn(by: try phone.code())
        }
        try logins.waitForCount(1)

        let first = try installation.key("seal")
        let rotate = [
            try Binary.path(named: "pulih"), "keys", "rotate", "seal", "--config", installation.configuration,
        ]
        // The files are replaced by rename (the new key comes, the old one is retired, the old one leaves), the rows are
        // committed with fdatasync, or at a server with what is sent to it: killed at each of the first, and so again and
        // again before the end is reached.
        let commits =
            TestEngine.ofInstallations == .sqlite
            ? (1...4).map { ("fdatasync", $0) } : stride(from: 8, through: 20, by: 4).map { ("sendto", $0) }
        let interrupted = commits + [("rename", 1), ("rename", 2)]
        for (call, number) in interrupted + [("end", 0), ("rename", 1), ("rename", 3)] {
            let point = "\(call) \(number)"
            guard call != "end" else {
                try installation.succeed("keys", "rotate", "seal")
                continue
            }
            let killed = try Subprocess.run(
                "strace",
                [
                    "-f", "-q", "-o", "/dev/null", "-e", "trace=\(call)", "-e",
                    "inject=\(call):signal=KILL:when=\(number)",
                ]
                    + rotate, timeout: .seconds(60))
            #expect(killed.exit == .signal(SIGKILL), "\(point): \(killed.error)")
            try expectAllOpen(installation, "killed at \(point)")
        }
        try installation.succeed("keys", "rotate", "seal")
        try expectAllOpen(installation, "at the end")
        try logins.waitForCount(logins.count + 2)
        #expect(try logins.stop() < names.count)

        let keys = try show(installation).filter { $0.key == "seal" }
        #expect(keys.filter { $0.state == "current" }.map(\.secrets) == [1002])
        #expect(keys.filter { $0.state != "current" }.allSatisfy { $0.state == "retired" && $0.secrets == 0 })
        #expect(try installation.key("seal") != first)
        #expect(try folder.read("seal.retired".inKeys).contains(first), "kept for backups from before")
        let shown = try installation.succeed("keys", "show") + installation.succeed("keys", "show", "--json")
        for line in try folder.read("seal.key".inKeys).split(separator: "\n") {
            #expect(!shown.contains(line.split(separator: " ")[2]))
        }
        try installation.succeed("keys", "forget")
        #expect(!FileManager.default.fileExists(atPath: folder.file("seal.retired".inKeys)))
        let told = try installation.execute("SELECT detail FROM audit_event WHERE name = 'key_rotated'")
        #expect(told.contains("seals from now on") && told.contains("retired") && told.contains("forgot"))
        try portal.stop(timeout: .seconds(20))
    }

    @Test(
        "New link, captcha and form keys: an open form, a link and a mail under way stay good; the new key takes over")
    func signing() throws {
        let installation = try Installation()
        let service = try installation.start("serve")
        let client = HTTPClient(port: installation.portal.number)
        let old = try FormPage(try client.get("/reset"))
        let oldCode = try installation.code(ofCaptcha: old.captcha)
        // Budi's mail is refused for now twice: the third try comes after the new key has begun to sign.
        try installation.mail.follow([.answer("451 4.3.0 later", at: .body, times: 2)])
        #expect(try installation.ask(for: Installation.budi).status == 303)
        let first = try installation.mail.waitForMessage { _ in true }

        try installation.succeed("keys", "rotate", "link", "--lead", "10 s")
        try installation.succeed("keys", "rotate", "captcha", "--lead", "10 s")
        try installation.succeed("keys", "rotate", "form", "--lead", "10 s")
        let again = try installation.succeed("keys", "rotate", "form", "--lead", "10 s")
        #expect(again.contains("is there already and signs from"))
        try Eventually.holds("the new keys sign", timeout: .seconds(30)) {
            try show(installation).filter { $0.state == "current" && !["seal", "token"].contains($0.key) }.count == 3
                && show(installation).filter { $0.state == "previous" }.count == 3
        }
        let mails = try installation.mail.waitForMessages(3, timeout: .seconds(60)) { _ in true }
        for mail in mails { #expect(try installation.link(in: mail) == installation.link(in: first)) }
        let path = String(try installation.link(in: first).dropFirst(installation.publicURL.count))
        #expect(try client.get(path).status == 200)
        let late = try client.post(
            "/reset",
            form: [
                ("csrf", old.csrf), ("captcha", old.captcha), ("security_code", oldCode), ("user_id", "sari"),
                ("email", "sari@example.org"), ("user_type", "non-penyedia"),
            ])
        #expect(late.status == 303)
        // The helper reads the newest key: were the old one still signing, the code would be wrong.
        #expect(try installation.ask(for: Installation.budi).status == 303)
        let newer = try installation.resetMail(to: Installation.budi)
        #expect(try newer.parsed().subject == "Konfirmasi Permintaan Reset TOTP")
        try Eventually.holds("three requests were mailed", timeout: .seconds(30)) {
            try installation.jobs().filter { $0.kind == "reset-request" && $0.outcome == "mailed" }.count == 3
        }
        try service.stop(timeout: .seconds(20))
    }

    private func show(_ installation: Installation) throws -> [KeyLine] {
        try JSONDecoder().decode(
            [KeyLine].self, from: Data(try installation.succeed("keys", "show", "--json").utf8))
    }

    private func expectAllOpen(_ installation: Installation, _ when: Comment) throws {
        let lines = try installation.folder.read("seal.key".inKeys).split(separator: "\n")
        var keys: [String: SecretKey] = [:]
        for words in lines.map({ $0.split(separator: " ").map(String.init) }) {
            keys[words[0]] = SecretKey(bytes: try #require(Base64URL.decode(words[2])))
        }
        let sealer = try Sealer(keys: keys, current: try #require(keys.keys.first))
        let rows = try installation.execute(
            "SELECT id, generation, \(installation.hex("totp_secret")) FROM account WHERE totp_secret IS NOT NULL")
        let secrets = try rows.split(separator: "\n").map { row in
            let columns = row.split(separator: "|")
            let context = SealContext.context(
                account: try #require(Int64(columns[0])), generation: try #require(Int64(columns[1])))
            return try sealer.open(Self.bytes(columns[2]), context: context)
        }
        #expect(secrets.count == 1002, when)
        #expect(Set(secrets).count == 1, when)
    }

    private static func bytes(_ hex: Substring) -> [UInt8] {
        stride(from: 0, to: hex.utf8.count, by: 2).compactMap { UInt8(hex.dropFirst($0).prefix(2), radix: 16) }
    }
}

extension String {
    fileprivate var inKeys: String { "keys/\(self)" }
}
