import Domain
import Testing

@Suite("Addresses of applications")
struct RedirectURITests {
    private static let registered = [
        "https://katalog.example.org/callback", "http://127.0.0.1/cb", "http://[::1]:8080/cb?x=1",
        "http://localhost:3000/cb",
    ]

    @Test(
        "Registered addresses are known whole; of this machine's own the port is free",
        arguments: registered + [
            "http://127.0.0.1:49152/cb", "http://127.0.0.1:1/cb", "http://[::1]/cb?x=1", "http://localhost/cb",
        ])
    func known(uri: String) { #expect(RedirectURI.isRegistered(uri, among: Self.registered)) }

    @Test(
        "Nothing else is, however near it comes",
        arguments: [
            "", "https://katalog.example.org/callback/", "https://katalog.example.org/callback?x=1",
            "https://katalog.example.org/callback#x", "https://katalog.example.org:443/callback",
            "https://katalog.example.org:8443/callback", "https://KATALOG.example.org/callback",
            "http://katalog.example.org/callback", "https://katalog.example.org.evil.test/callback",
            "https://katalog.example.org@evil.test/callback", "https://evil.test\\@katalog.example.org/callback",
            "https://evil.test/https://katalog.example.org/callback", "//katalog.example.org/callback",
            "https:katalog.example.org/callback", "https://katalog.example.org/%63allback",
            "https://katalog.example.org/x/../callback", "https://katalog.example.org/callback\n",
            "https://katalog.example.org/callback\u{0}", " https://katalog.example.org/callback",
            "https://\u{ff4b}atalog.example.org/callback", "https://katalog.ex\u{0430}mple.org/callback",
            "http://127.0.0.1:/cb", "http://127.0.0.1:0/cb", "http://127.0.0.1:65536/cb", "http://127.0.0.1:80x/cb",
            "http://127.0.0.1:-1/cb", "http://127.0.0.1.evil.test/cb", "http://127.0.0.1:80@evil.test/cb",
            "http://127.0.0.1@evil.test/cb", "http://127.0.0.1:1/cb2", "http://127.0.0.1:1/CB", "http://127.0.0.2/cb",
            "https://127.0.0.1/cb", "http://localhost.evil.test/cb", "http://LOCALHOST/cb", "http://localhost:1/cb?x=1",
            "javascript:alert(1)", "data:text/html,x",
        ])
    func foreign(uri: String) { #expect(!RedirectURI.isRegistered(uri, among: Self.registered)) }

    @Test("Parameters are added to any address, escaped")
    func adding() {
        #expect(
            RedirectURI.adding([("a", "1 &=\u{e9}"), ("b", nil)], to: "https://x/") == "https://x/?a=1%20%26%3D%C3%A9")
        #expect(RedirectURI.adding([("a", "1")], to: "https://x/?b=2") == "https://x/?b=2&a=1")
        #expect(RedirectURI.adding([("a", "1")], to: "https://x/?") == "https://x/?a=1")
        #expect(RedirectURI.adding([("a", nil)], to: "https://x/") == "https://x/")
    }
}
