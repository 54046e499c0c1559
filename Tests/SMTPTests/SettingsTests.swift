import SMTP
import Testing

@Suite struct SettingsTests {
    private static let login = Relay.Credentials(username: "pulih", password: "rahasia")

    @Test(arguments: ["127.0.0.1", "127.255.255.254", "::1", "0:0:0:0:0:0:0:1", "localhost", "LOCALHOST"])
    func `TLS may be off for a relay on this machine`(host: String) throws {
        _ = try Relay(host: host, port: 25, tls: .none, credentials: Self.login)
    }

    @Test(arguments: [
        "mail.example", "10.0.0.1", "128.0.0.1", "126.255.255.255", "127.0.0.1.example", "localhost.example", "127.1",
        "2130706433", "::2", "::ffff:127.0.0.1", "fe80::1", "0.0.0.0", "::",
    ])
    func `TLS may not be off for any other relay`(host: String) {
        #expect(problems(host, tls: .none) == [.clearText])
        #expect(problems(host, tls: .none, credentials: Self.login) == [.clearText, .clearTextCredentials])
        #expect(problems(host, tls: .starttls, credentials: Self.login) == [])
        #expect(problems(host, tls: .tls) == [])
    }

    @Test(arguments: [
        "", " ", "mail example", "mail.example/evil", "user@mail.example", "mail.example:25", "mail\r\n.example",
        "mail\0",
        "-mail.example", "mail..example", "mail.example.", "mäil.example", "mail.example?x", "mail.example#x", "[::1]",
        "fe80::1%eth0", String(repeating: "a", count: 254), "%6cocalhost",
    ])
    func `a host that is no host name is refused`(host: String) {
        #expect(problems(host) == [.host])
        #expect(host.isEmpty || problems("mail.example", clientName: host) == [.clientName])
    }

    @Test func `every error is told at once`() throws {
        let faulty = problems(
            "mail example", port: 0, tls: .none, caFile: "",
            credentials: .init(username: "pulih", password: "rahasia\n"),
            clientName: "", timeout: .zero)
        #expect(
            faulty == [.host, .port, .clientName, .caFile, .credentials, .timeout, .clearText, .clearTextCredentials])
        #expect(problems("mail.example", timeout: .seconds(Int64.max)) == [.timeout])
        #expect(problems("mail.example", port: 65_536) == [.port])
        #expect(problems("mail.example", caFile: "a\0b") == [.caFile])
        for credentials in [("", "x"), ("x", ""), ("a\0b", "x"), ("x", "a\0b"), ("x\r", "y")] {
            let (username, password) = credentials
            #expect(
                problems("mail.example", credentials: .init(username: username, password: password)) == [.credentials])
        }
    }

    private func problems(
        _ host: String, port: Int = 587, tls: TLSMode = .starttls, caFile: String? = nil,
        credentials: Relay.Credentials? = nil, clientName: String = "localhost", timeout: Duration = .seconds(15)
    ) -> [RelaySettingsError.Problem] {
        do {
            _ = try Relay(
                host: host, port: port, tls: tls, caFile: caFile, credentials: credentials, clientName: clientName,
                timeouts: StepTimeouts(each: timeout))
            return []
        } catch {
            return error.problems
        }
    }
}
