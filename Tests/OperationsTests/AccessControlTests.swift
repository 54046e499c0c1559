import Foundation
import HTTPServer
import Operations
import Support
import Testing

struct AccessControlTests {
    private static let token = "a-token-of-operators"
    private static let addresses = [
        "/", "/jobs", "/jobs/1", "/readyz", "/metrics", "/api/v1/jobs", "/api/v1/jobs/1", "/assets/style.css", "/nope",
    ]

    private static func basic(_ pair: String) -> String { "Basic \(Data(pair.utf8).base64EncodedString())" }

    @Test(arguments: addresses)
    func withoutTheTokenNothingButLivenessIsTold(address: String) throws {
        let fixture = try OperationsFixture(token: Self.token)
        let response = try fixture.send(.get, address)
        #expect(response.status == 401)
        #expect(
            response.headers.values("WWW-Authenticate")
                == [#"Bearer realm="Pulih""#, #"Basic realm="Pulih", charset="UTF-8""#])
        #expect(!response.text.contains("1.2.3"))
        #expect(try fixture.send(.get, "/healthz").text == #"{"status":"ok"}"#)
    }

    @Test func theTokenOpensAsBearerAndAsBasicPassword() throws {
        let fixture = try OperationsFixture(token: Self.token)
        let good = [
            "Bearer \(Self.token)", "bearer \(Self.token)", Self.basic("anyone:\(Self.token)"),
            Self.basic(":\(Self.token)"),
        ]
        for authorization in good {
            #expect(try fixture.send(.get, "/", ["Authorization": authorization]).status == 200, "\(authorization)")
        }
    }

    @Test func nothingElseOpens() throws {
        let fixture = try OperationsFixture(token: Self.token)
        let bad = [
            "", "Bearer", "Bearer ", "Bearer x", "Bearer \(Self.token)x", "Bearer \(Self.token.dropLast())",
            "Bearer \(Self.token) ", "Token \(Self.token)", Self.token, Self.basic(Self.token),
            Self.basic("\(Self.token):"), Self.basic("a:b:\(Self.token)"), "Basic \(Self.token)", "Basic ====",
            "Bearer \(Self.token.uppercased())",
        ]
        for authorization in bad {
            #expect(try fixture.send(.get, "/", ["Authorization": authorization]).status == 401, "\(authorization)")
        }
        // A wrong token is not let in for having a right one beside it.
        let twice = Headers([
            Field(name: "Authorization", value: "Bearer \(Self.token)"),
            Field(name: "Authorization", value: "Bearer x"),
        ])
        let request = try Request(method: .get, target: "/", headers: twice)
        #expect(fixture.operations.answer(request, with: fixture.operations.router).status == 401)
        #expect(fixture.logger.lines.contains("warning operations.refused reason=tokenMissing address=192.0.2.7"))
        #expect(!fixture.logger.lines.contains { $0.contains(Self.token) })
    }

    @Test func withATokenTheHostMayBeAny() throws {
        let fixture = try OperationsFixture(token: Self.token)
        let headers = ["Authorization": "Bearer \(Self.token)", "Host": "operations.example.org"]
        #expect(try fixture.send(.get, "/", headers).status == 200)
    }

    @Test(arguments: ["127.0.0.1", "127.0.0.1:8081", "localhost", "LocalHost:1", "[::1]", "[::1]:65535"])
    func withoutATokenLoopbackNamesAreAnswered(host: String) throws {
        #expect(try OperationsFixture().send(.get, "/", ["Host": host]).status == 200)
    }

    @Test(arguments: [
        nil, "", "evil.example", "127.0.0.1.evil.example", "localhost.evil.example", "localhost:80@evil.example",
        "127.0.0.1:", "127.0.0.1:80x", "[::1]x", "::1", "127.0.0.2", "xlocalhost", "localhost:８０",
    ])
    func withoutATokenAForeignHostIsRefused(host: String?) throws {
        let fixture = try OperationsFixture()
        for address in Self.addresses + ["/healthz"] {
            #expect(try fixture.send(.get, address, ["Host": host]).status == 421, "\(address)")
        }
    }
}
