import Cryptography
import Domain
import Foundation
import HTTPServer
import Support
import Testing

@Suite("Forward auth: what is refused")
struct ForwardAuthRefusalTests {
    private let applicant: Applicant
    private var fixture: PortalFixture { applicant.fixture }

    init() throws { applicant = try Applicant() }

    @Test("A code works once, for a minute, at its host, in the browser that set out", arguments: 0..<5)
    func codes(_ number: Int) throws {
        try applicant.portal.logIn()
        let address = try applicant.setOut()
        let path = String(address.dropFirst("https://katalog.example.org".count))
        switch number {
        case 0:
            try applicant.comeBack(to: address)
            #expect(applicant.page.status == 303)
            applicant.cookies["katalog.example.org"]?["__Host-pulih-application"] = nil
        case 1: fixture.scene.clock.advance(.seconds(60))
        case 2:
            _ = try applicant.setOut(at: "arsip.example.org")
            #expect(try applicant.send(.get, path, at: "arsip.example.org").status == 403)
        case 3:
            let other = SessionToken(random: SeededRandom(4)).text
            applicant.cookies["katalog.example.org"] = ["__Host-pulih-start": other]
        default: applicant.cookies["katalog.example.org"] = nil
        }
        #expect(try applicant.send(.get, path).status == 403)
        #expect(applicant.page.text.contains("Login ke e-Katalog belum selesai"))
        #expect(applicant.cookies["katalog.example.org"]?["__Host-pulih-application"] == nil)
        #expect(try applicant.verify().status == 401)
        #expect(try fixture.scene.events().contains("authn_application_login_fail"))
    }

    @Test("Of many uses of one code at once one is honoured")
    func parallel() throws {
        try applicant.portal.logIn()
        let path = String(try applicant.setOut().dropFirst("https://katalog.example.org".count))
        let cookie = (applicant.cookies["katalog.example.org"] ?? [:]).map { "\($0)=\($1)" }.joined(separator: "; ")
        let fixture = fixture
        let statuses = try inParallel(200) { _ in
            try fixture.send(.get, path, ["Host": "katalog.example.org", "Cookie": cookie]).status
        }
        #expect(statuses.filter { $0 == 303 }.count == 1)
        #expect(statuses.filter { $0 == 403 }.count == 199)
    }

    @Test(
        "The address to come back to is one of that host",
        arguments: [
            "https://evil.example/", "//evil.example/", "/\\evil.example", "\\\\evil.example", "https:/evil.example",
            "https://katalog.example.org@evil.example/", "https://katalog.example.org.evil.example/",
            "https://katalog.example.org:444/", "http://katalog.example.org/",
            "https://katalog.example.org\\@evil.example",
            "https://katalog.еxample.org/", "/x#y", "/x\u{9}y", "/x\u{d}\u{a}Set-Cookie: a=b", "javascript:alert(1)",
            "data:text/html,x", " /x", "", "katalog.example.org/x", "https://katalog.example.org//evil.example/",
            "https://user:password@katalog.example.org/", "HTTPS://EVIL.EXAMPLE/",
        ])
    func foreignTargets(_ target: String) throws {
        let encoded = target.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
        try applicant.send(.get, "/.pulih/start?rd=\(encoded)")
        #expect(applicant.page.status == 400)
        #expect(applicant.location.isEmpty)
        // Nor at the portal, should somebody write its address by hand.
        try applicant.portal.logIn()
        let digest = Base64URL.encode([UInt8](repeating: 1, count: 32))
        try applicant.portal.get(
            "/login/application?id=e-katalog&host=katalog.example.org&browser=\(digest)&rd=\(encoded)")
        #expect(applicant.portal.page.status == 400)
    }

    @Test(
        "The portal gives a code to no host and no application but those of the configuration",
        arguments: [
            "id=nobody&host=katalog.example.org", "id=e-katalog&host=evil.example", "id=e-katalog",
            "host=katalog.example.org",
            "id=e-katalog&id=jurnal&host=katalog.example.org", "id=jurnal&host=katalog.example.org", "",
        ])
    func foreignHosts(_ query: String) throws {
        try applicant.portal.logIn()
        let digest = Base64URL.encode([UInt8](repeating: 1, count: 32))
        let page = try applicant.portal.get("/login/application?\(query)&rd=/&browser=\(digest)")
        #expect(page.status == 400)
        for bad in ["", "x", Base64URL.encode([1, 2, 3])] {
            let known = "id=e-katalog&host=katalog.example.org"
            #expect(try applicant.portal.get("/login/application?\(known)&rd=/&browser=\(bad)").status == 400)
        }
    }

    @Test("A forged or stale destination is none")
    func destinations() throws {
        let login = try applicant.setOut()
        let text = String(login.dropFirst("/login?next=".count))
        let forged = [
            String(text.dropLast()) + (text.hasSuffix("A") ? "B" : "A"), "x.y", "", "." + text,
            LoginDestinations(key: LoginScene.key).text(
                LoginDestination(application: "e-katalog", path: "/x?y"), at: fixture.scene.now),
        ]
        for one in forged {
            try applicant.portal.get("/login?next=\(one)")
            #expect(!applicant.portal.page.text.contains("Anda masuk ke"))
        }
        fixture.scene.clock.advance(.hours(13))
        try applicant.portal.get(login)
        #expect(!applicant.portal.page.text.contains("Anda masuk ke"))
    }
}
