import HTTPClient
import Support
import Testing
import Threading

/// A session against a real server over TLS.
@Suite("Posting over HTTPS")
struct HTTPSessionTests {
    private func session(
        _ server: ScriptedServer? = nil, timeout: Duration = .seconds(15), stop: StopSignal = StopSignal()
    ) -> HTTPSession {
        let authority = server.flatMap { $0.authorityFile.isEmpty ? nil : $0.authorityFile }
        return HTTPSession(.init(caFile: authority, timeout: timeout), stop: stop)
    }

    private func failure(_ session: HTTPSession, _ url: String) -> HTTPError? {
        do throws(HTTPError) {
            _ = try session.post("{}", to: url, headers: [])
            return nil
        } catch {
            return error
        }
    }

    @Test("Headers and body arrive as they are, the answer comes whole, and the connection is kept")
    func exchange() throws {
        let server = try ScriptedServer(
            TestCertificate(), [.init(status: 202, "terima", headers: ["Retry-After": "7"])])
        let session = session(server)
        let body = "{\"siapa\": \"Budi Š\"}\n"
        let answers = try (1...2).map { number in
            try session.post(body, to: server.url, headers: ["Content-Type: application/json", "X-Number: \(number)"])
        }
        #expect(answers.map(\.status) == [202, 202] && answers.map(\.reusedConnection) == [false, true])
        #expect(answers.allSatisfy { $0.headers["retry-after"] == "7" && $0.body == Array("terima".utf8) && !$0.isCut })
        #expect(server.requests.map(\.body) == [body, body])
        #expect(server.requests.map { $0.headers["x-number"] } == ["1", "2"])
        #expect(server.requests.allSatisfy { $0.headers["content-type"] == "application/json" && $0.connection == 1 })
        session.disconnect()
        #expect(try session.post(body, to: server.url, headers: []).reusedConnection == false)
    }

    @Test("A redirect is an answer and is not followed")
    func redirect() throws {
        let target = try ScriptedServer(nil, [.init()])
        let server = try ScriptedServer(TestCertificate(), [.init(status: 307, "", headers: ["Location": target.url])])
        let answer = try session(server).post("{}", to: server.url, headers: [])
        #expect(answer.status == 307 && answer.headers["location"] == target.url)
        #expect(target.requests.isEmpty)
    }

    @Test("Of an answer 64 kB are read", arguments: [65_536, 65_537, 5_000_000])
    func longAnswer(length: Int) throws {
        let server = try ScriptedServer(TestCertificate(), [.init(String(repeating: "x", count: length))])
        let session = session(server)
        let answer = try session.post("{}", to: server.url, headers: [])
        #expect(answer.status == 200 && answer.body.count == 65_536 && answer.isCut == (length > 65_536))
        let next = try session.post("{}", to: server.url, headers: [])
        #expect(next.reusedConnection == !answer.isCut && next.body.count == 65_536)
    }

    @Test("A certificate of another authority, for another name or over is not trusted, and nothing is sent")
    func certificate() throws {
        for certificate in [
            try TestCertificate(for: ["elsewhere.example"]), try TestCertificate(.expired),
            try TestCertificate(.selfSigned),
        ] {
            let server = try ScriptedServer(certificate, [.init()])
            let error = try #require(failure(session(server), server.url))
            #expect(error.cause == .untrusted && error.phrase.hasPrefix("has a certificate that cannot be trusted ("))
            #expect(server.requests.isEmpty)
        }
        let server = try ScriptedServer(TestCertificate(), [.init()])
        #expect(failure(session(), server.url)?.cause == .untrusted)
        let lost = HTTPSession(.init(caFile: "/nowhere/ca.pem"), stop: StopSignal())
        #expect(failure(lost, server.url)?.cause == .unreadableAuthorities)
    }

    @Test("Nobody listens, no such name, no TLS, no answer in time, and the program is asked to stop")
    func reach() throws {
        let port = try FreePort()
        #expect(failure(session(), "https://localhost:\(port.number)/")?.cause == .unreachable)
        #expect(failure(session(), "https://receiver.invalid/")?.cause == .nameNotFound)
        let clear = try ScriptedServer(nil, [.init()])
        let handshake = failure(session(), "https://localhost:\(clear.port)/")
        #expect(handshake?.cause == .handshakeFailed, "\(String(describing: handshake))")
        let server = try ScriptedServer(TestCertificate(), [.init(isHeld: true)])
        let late = try #require(failure(session(server, timeout: .seconds(1)), server.url))
        #expect(late.cause == .timedOut && late.phrase == "did not answer within 1 s" && late.seconds >= 1)
        let stop = StopSignal()
        stop.raise()
        #expect(failure(session(server, stop: stop), server.url)?.cause == .stopped)
    }

    @Test("In clear to this machine only")
    func clearText() throws {
        let server = try ScriptedServer(nil, [.init()])
        #expect(failure(session(), server.url) == nil)
        let error = try #require(failure(session(), "http://receiver.example/"))
        #expect(error.cause == .forbidden && error.phrase == "must be https (http is for loopback)")
        #expect(failure(session(), "file:///etc/passwd")?.cause == .forbidden)
    }
}
