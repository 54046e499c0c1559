import Foundation
import Support
import Testing

/// The example application without a login, alone: what its proxy tells it, and who else tries to.
struct NoticeBoardTests {
    private static let proxy = [
        ("Remote-User", "budi"), ("Remote-Groups", "penyedia"), ("X-Pulih-Factor", "totp"),
    ]

    private let port: FreePort
    private let process: Subprocess
    private let client: HTTPClient
    private var own: (String, String) { ("Origin", "http://127.0.0.1:\(port.number)") }

    init() throws {
        port = try FreePort()
        process = try Self.start("127.0.0.1:\(port.number)")
        try process.waitForLine(timeout: .seconds(30)) { $0.contains("Papan Pengumuman listens on") }
        client = HTTPClient(port: port.number)
    }

    private static func start(_ address: String) throws -> Subprocess {
        try Subprocess("python3", ["-B", ProjectFile.path("config/examples/noticeboard.py"), "--listen", address])
    }

    private func post(_ text: String, _ headers: [(String, String)]) throws -> HTTPAnswer {
        try client.post("/", form: [("text", text)], headers: Self.proxy + headers)
    }

    @Test("It shows who is there and how they logged in, and the notices, newest first, as text")
    func board() throws {
        let empty = try client.get("/", headers: Self.proxy)
        #expect(empty.status == 200)
        #expect(empty.text.contains("<b>budi</b> (penyedia) dengan password dan kode TOTP."))
        #expect(empty.text.contains("Belum ada pengumuman") && empty.text.contains(#"href="/.pulih/logout""#))
        let added = try post("Rapat\nSenin <b>\"jam 9\"</b>", [own])
        #expect(added.status == 303 && added.header("Location") == "/")
        #expect(try post("Libur Selasa – déjà", [("Sec-Fetch-Site", "same-origin")]).status == 303)
        let text = try client.get("/", headers: [("Remote-User", "<i>sari&"), ("X-Pulih-Factor", "new")]).text
        #expect(text.contains("<b>&lt;i&gt;sari&amp;</b>") && !text.contains("<i>"))
        #expect(text.contains("Rapat\nSenin &lt;b&gt;&quot;jam 9&quot;&lt;/b&gt;</p><small>budi, "))
        let places = try ["Libur Selasa – déjà", "Rapat"].map { try #require(text.range(of: $0)).lowerBound }
        #expect(places[0] < places[1])
    }

    @Test("Nobody is let in without a name; only the public page is open, and it names nobody")
    func nobody() throws {
        for headers in [[], [("Remote-User", "")], [("X-Pulih-Factor", "totp")]] {
            #expect(try client.get("/", headers: headers).status == 403)
            #expect(try client.post("/", form: [("text", "x")], headers: headers + [own]).status == 403)
            let open = try client.get("/tentang?x=1", headers: headers)
            #expect(open.status == 200 && open.text.contains("Everybody") && !open.text.contains("/.pulih/logout"))
        }
        #expect(try client.get("/tentangku").status == 403)
        #expect(try client.get("/nothing", headers: Self.proxy).status == 404)
    }

    @Test("Forms of others, empty, long and huge ones are refused, and what was typed stays")
    func forms() throws {
        for headers in [
            [], [("Origin", "null")], [("Origin", "http://evil.example")], [("Sec-Fetch-Site", "cross-site"), own],
            [("Sec-Fetch-Site", "same-site"), own], [("Sec-Fetch-Site", "none"), own],
            [("Origin", "http://127.0.0.1:\(port.number).evil.example")],
        ] {
            #expect(try post("jahat", headers).status == 403, "\(headers)")
        }
        #expect(try post(" \n ", [own]).status == 422)
        let long = try post(String(repeating: "&", count: 501), [own])
        #expect(long.status == 422 && long.text.contains("1 sampai 500 karakter"))
        #expect(long.text.contains(String(repeating: "&amp;", count: 501)), "what was typed stays")
        for length in ["16385", "-1", "1_0", "99999999999999999999"] {
            let headers = Self.proxy + [own, ("Content-Length", length)]
            #expect(try client.post("/", type: "text/plain", body: [], headers: headers).status == 413, "\(length)")
        }
        #expect(try client.get("/", headers: Self.proxy).text.contains("Belum ada pengumuman"))
        #expect(try post(String(repeating: "é", count: 500), [own]).status == 303)
        #expect(!process.transcript.contains("Traceback"), "\(process.transcript)")
    }

    @Test("It listens on loopback only", arguments: ["0.0.0.0:9000", "192.0.2.1:9000", "localhost:9000", "9000"])
    func loopback(_ address: String) throws {
        let refused = try Self.start(address)
        #expect(try refused.waitForExit(timeout: .seconds(20)) == .code(2))
    }

    @Test("Pages may load and run nothing")
    func policy() throws {
        let answer = try client.get("/", headers: Self.proxy)
        let policy = try #require(answer.header("Content-Security-Policy"))
        #expect(
            policy.hasPrefix("default-src 'none'; style-src 'sha256-") && answer.header("Cache-Control") == "no-store")
    }
}
