import Foundation
import Glibc
import Support
import Testing

/// The first command of the README.
@Suite(.serialized)
struct DemoTests {
    private func folders() throws -> Set<String> {
        Set(
            try FileManager.default.contentsOfDirectory(atPath: NSTemporaryDirectory()).filter {
                $0.hasPrefix("pulih-demo-")
            })
    }

    @Test("The demo says where to click, delivers a mail to its inbox, and Ctrl-C leaves nothing behind")
    func whole() throws {
        let before = try folders()
        let ports = try FreePort.adjacent(4)
        let (port, next, application) = (ports[0], ports[1], ports[3])
        let binary = try Binary.path(named: "pulih")
        let demo = try Subprocess(binary, ["demo", "--port", "\(port.number)"])
        let file = try demo.waitForLine(timeout: .seconds(30), matching: #/--config (\S+)/#).1
        for sign in [
            "127.0.0.1:\(port.number)/reset", "127.0.0.1:\(next.number)/inbox", "budi@example.org",
            "sari@example.org", "http://127.0.0.1:\(application.number)/",
        ] {
            #expect(demo.text(.output).contains(sign))
        }
        // The code it shows is the one an authenticator shows for the secret beside it.
        let row = try #require(demo.lines.first { $0.text.contains("budi@example.org") })
        let words = row.text.split(separator: " ").map(String.init)
        let now = Date()
        let codes = try [-30.0, 0].map {
            try Oathtool.code(secretBase32: words[words.count - 1], at: now.addingTimeInterval($0))
        }
        #expect(codes.contains(words[words.count - 2]))

        let added = try Subprocess.run(
            binary,
            [
                "queue", "add", "--user-id", "budi", "--email", "budi@example.org", "--user-type", "penyedia",
                "--config", String(file),
            ])
        #expect(added.exit == .code(0))
        try demo.waitForLine { $0.contains("event=job.settled") && $0.contains("outcome=mailed") }
        let inbox = HTTPClient(port: next.number)
        #expect(try inbox.get("/inbox").text.contains("Konfirmasi Permintaan Reset TOTP"))
        #expect(try inbox.get("/").status == 200)

        // The application, a program of its own, has the same accounts.
        let visitor = ExampleClient(port: application.number)
        let password = try #require(words.firstIndex(of: "budi").map { words[$0 + 1] })
        #expect(try visitor.logIn("budi", password: password).header("Location") == "/login/code")
        let code = try Oathtool.code(secretBase32: words[words.count - 1], at: Date())
        #expect(try visitor.submit("/login/code", ["code": code]).header("Location") == "/")
        #expect(try visitor.client.get("/").text.contains("TOTP aktif"))
        try Subprocess.output(
            of: binary, ["user", "reset-totp", "budi", "--reason", "lost", "--config", String(file)])
        try Eventually.holds("the reset has ended the session", timeout: .seconds(20)) {
            try visitor.client.get("/").header("Location") == "/login"
        }

        // A taken port is a clear error.
        let second = try Subprocess.run(binary, ["demo", "--port", "\(port.number)"])
        #expect(second.exit == .code(1))
        #expect(second.error.contains("in use"))

        demo.signal(SIGINT)
        #expect(try demo.waitForExit(timeout: .seconds(15)) == .code(0))
        #expect(try folders().subtracting(before).isEmpty)
    }
}
