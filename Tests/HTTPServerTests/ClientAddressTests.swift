import Support
import Testing

@testable import HTTPServer

@Suite struct ClientAddressTests {
    private static let proxies = ["127.0.0.1", "10.0.0.0/8", "2001:db8:1::/48"]

    @Test(
        "The client is the last hop that no trusted proxy vouches for",
        arguments: [
            // peer, X-Forwarded-For, client
            ("198.51.100.7", [], "198.51.100.7"),
            ("198.51.100.7", ["203.0.113.9"], "198.51.100.7"),
            ("127.0.0.1", [], "127.0.0.1"),
            ("127.0.0.1", ["203.0.113.9"], "203.0.113.9"),
            ("127.0.0.1", ["203.0.113.9, 198.51.100.7"], "198.51.100.7"),
            ("127.0.0.1", ["127.0.0.1, 198.51.100.7"], "198.51.100.7"),
            ("127.0.0.1", ["203.0.113.9, 10.1.2.3"], "203.0.113.9"),
            ("127.0.0.1", ["203.0.113.9", "10.1.2.3"], "203.0.113.9"),
            ("127.0.0.1", ["203.0.113.9 ,\t10.1.2.3 "], "203.0.113.9"),
            ("127.0.0.1", ["10.9.9.9, 10.1.2.3"], "10.9.9.9"),
            ("127.0.0.1", ["203.0.113.9, rubbish, 10.1.2.3"], "10.1.2.3"),
            ("127.0.0.1", ["rubbish"], "127.0.0.1"),
            ("127.0.0.1", ["203.0.113.9:1234"], "127.0.0.1"),
            ("127.0.0.1", [""], "127.0.0.1"),
            ("127.0.0.1", [",,"], "127.0.0.1"),
            ("11.0.0.1", ["203.0.113.9"], "11.0.0.1"),
            ("2001:db8:1:2::3", ["2001:db8:2::4"], "2001:db8:2::4"),
            ("2001:db8:2::3", ["2001:db8:1::4"], "2001:db8:2::3"),
            ("::ffff:10.0.0.1", ["::ffff:198.51.100.7"], "198.51.100.7"),
            ("local", [], "local"),
            ("local", ["203.0.113.9, 198.51.100.7"], "198.51.100.7"),
        ] as [(String, [String], String)])
    func client(_ peer: String, _ forwardedFor: [String], _ expected: String) throws {
        let client = try TrustedProxies(Self.proxies).client(peer: IPAddress(peer), forwardedFor: forwardedFor)
        #expect(client?.description ?? "local" == expected)
    }

    @Test("Without trusted proxies the header is nothing but text")
    func untrusted() throws {
        let fixture = try Fixture(handler: { .text($0.peerAddress) })
        let headers = [("X-Forwarded-For", "203.0.113.9")]
        #expect(try fixture.client.get("/", headers: headers).text == "127.0.0.1")
    }

    @Test("A trusted proxy tells the client's address")
    func trusted() throws {
        let fixture = try Fixture({ $0.trustedProxies = ["127.0.0.0/8"] }, handler: { .text($0.peerAddress) })
        let headers = [("X-Forwarded-For", "1.1.1.1, 203.0.113.9")]
        #expect(try fixture.client.get("/", headers: headers).text == "203.0.113.9")
    }

    @Test(
        "Rate limits count an IPv4 address, but a whole IPv6 /64",
        arguments: [
            ("198.51.100.7", "198.51.100.7"),
            ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
            ("2001:db8:1:2:ffff::1", "2001:db8:1:2::/64"),
            ("2001:db8:1:3::1", "2001:db8:1:3::/64"),
            ("::1", "::/64"),
            ("::ffff:198.51.100.7", "198.51.100.7"),
        ])
    func key(_ address: String, _ key: String) throws {
        #expect(try Request(method: .get, target: "/", client: IPAddress(address)).addressKey == key)
    }

    @Test(
        "What is no address is not read as one",
        arguments: [
            "", "1.2.3", "1.2.3.4.5", "256.1.1.1", "01.2.3.4", "1.2.3.4\0", "::g", "fe80::1%lo", "[::1]", " ::1",
        ])
    func noAddress(_ text: String) {
        #expect(IPAddress(text) == nil)
    }

    @Test(
        "What is no proxy is refused with a sentence",
        arguments: ["", "localhost", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/-1", "10.0.0.0/8/8", "::/129", "fd00::/+8"])
    func badProxy(_ text: String) {
        #expect(throws: ServerError.badProxy(text)) { try TrustedProxies([text]) }
    }

    @Test("A network holds its own addresses and no others")
    func networks() throws {
        let proxies = try TrustedProxies(["192.0.2.128/25", "0.0.0.0/32", "2001:db8::/33", "::/128"])
        for inside in ["192.0.2.128", "192.0.2.255", "0.0.0.0", "2001:db8:7fff::1", "::"] {
            #expect(proxies.contains(try #require(IPAddress(inside))), "\(inside)")
        }
        for outside in ["192.0.2.127", "192.0.3.0", "0.0.0.1", "2001:db8:8000::", "::1", "::192.0.2.128"] {
            #expect(!proxies.contains(try #require(IPAddress(outside))), "\(outside)")
        }
        #expect(try TrustedProxies(["0.0.0.0/0"]).contains(try #require(IPAddress("203.0.113.9"))))
        #expect(try !TrustedProxies(["0.0.0.0/0"]).contains(try #require(IPAddress("::1"))))
    }
}
