import Foundation
import Support
import Testing

/// Where PostgreSQL keeps what it is told.
extension CanaryTests {
    /// Lets statements fail that carry secrets, since a server logs statements that fail.
    func failStatements(_ installation: Installation, _ server: PostgreSQLPeer) throws -> [Canary] {
        try installation.execute(
            "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''no''; END'")
        for table in ["job", "failure", "session"] {
            try installation.execute(
                "CREATE TRIGGER refuse BEFORE INSERT ON \(table) FOR EACH ROW EXECUTE FUNCTION refuse()")
        }
        let client = HTTPClient(port: installation.portal.number)
        let form = try FormPage(try client.get("/reset"))
        let answer = try installation.code(ofCaptcha: form.captcha)
        let sent = try installation.ask(
            for: Installation.budi, changing: ["captcha": form.captcha, "security_code": answer])
        #expect(sent.status >= 500)
        let person = LoginClient(installation.portal)
        try person.submit("/login", ["user_id": "budi", "user_type": "penyedia,non-penyedia"])
        #expect(try person.submit("/login/password", ["password": "salah-lagi-81d4"]).status >= 500)
        // It writes on its own time.
        try Eventually.holds("the server has logged the statements\n\(server.log)") {
            let lines = server.log.split(separator: "\n")
            return lines.count { $0.contains("STATEMENT: ") && $0.contains("INSERT INTO") } >= 2
        }
        return [Canary("failed captcha answer", answer), Canary("failed password", "salah-lagi-81d4")]
    }

    /// All rows, the log, and what is left in files of rows that are gone.
    func stored(by server: PostgreSQLPeer, _ installation: Installation, _ canaries: [Canary]) throws -> [(
        String, Data
    )] {
        try installation.execute("CHECKPOINT")
        let known = Installation.budi.email
        let texts = canaries.filter { !$0.isDigits }.compactMap { String(validating: $0.bytes, as: UTF8.self) }
        let patterns = try installation.folder.write(
            (texts.filter { !$0.contains("\n") } + [known]).joined(separator: "\n") + "\n", to: "patterns")
        let files = try Subprocess.run(
            "grep", ["-rhoaF", "-f", patterns, "\(server.folder)/data"], environment: ["LC_ALL": "C"],
            timeout: .seconds(60))
        #expect(files.output.contains(known), "the files were looked through")
        return [
            ("all rows", Data(try installation.dump().utf8)), ("the server's log", Data(server.log.utf8)),
            ("the server's files", Data(files.output.utf8)),
        ]
    }
}
