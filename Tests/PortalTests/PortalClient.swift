import Domain
import Foundation
import HTTPServer
import Support

/// Somebody with a browser in front of the portal: keeps cookies, reads form tokens off pages, follows no redirect.
final class PortalClient {
    private let fixture: PortalFixture
    private(set) var cookies: [String: String] = [:]
    /// What was last seen.
    private(set) var page: Response

    init(_ fixture: PortalFixture) throws {
        self.fixture = fixture
        page = Response(status: 204)
    }

    /// A second browser with the same cookies: what a thief of the cookie has.
    init(copying other: PortalClient) {
        fixture = other.fixture
        cookies = other.cookies
        page = other.page
    }

    @discardableResult
    func get(_ path: String) throws -> Response { try send(.get, path) }

    /// Posts a form with the token of the page last seen.
    @discardableResult
    func post(_ path: String, _ fields: [String: String] = [:], token: String? = nil) throws -> Response {
        var all = fields
        all["csrf"] = token ?? csrf
        let body = all.map { "\(Self.escaped($0))=\(Self.escaped($1))" }.joined(separator: "&")
        return try send(.post, path, body: body)
    }

    /// The form token on the page last seen; empty when it has none.
    var csrf: String { page.text.firstMatch(of: /name="csrf" value="([^"]+)"/).map { String($0.1) } ?? "" }

    /// The key on the page last seen, as an app would be told it.
    var key: String {
        get throws {
            guard let key = page.text.firstMatch(of: /secret=([A-Z2-7]+)/) else { throw SupportFailure("no key") }
            return String(key.1)
        }
    }

    var location: String? { page.headers["Location"] }

    /// From the start page to the question for the code, or wherever the password leads.
    @discardableResult
    func enter(_ userID: String = "budi", password: String = LoginScene.password) throws -> String? {
        try get("/login")
        try post("/login", ["user_id": userID, "user_type": "penyedia,non-penyedia"])
        guard location == "/login/password" else { return location }
        try get("/login/password")
        try post("/login/password", ["password": password])
        return location
    }

    /// All the way to Beranda, with the code of the scene's secret.
    func logIn() throws {
        try enter()
        try get("/login/code")
        try post("/login/code", ["code": try fixture.scene.code()])
        guard location == "/home" else { throw SupportFailure("logged in to \(location ?? "nowhere"): \(page.text)") }
        try get("/home")
    }

    private func send(_ method: HTTPServer.Method, _ path: String, body: String = "") throws -> Response {
        let cookie = cookies.map { "\($0)=\($1)" }.joined(separator: "; ")
        page = try fixture.send(method, path, cookie.isEmpty ? [:] : ["Cookie": cookie], body: body)
        for header in page.headers.values("Set-Cookie") {
            let pair = header.prefix { $0 != ";" }.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            cookies[String(pair[0])] = header.contains("Max-Age=0") ? nil : String(pair[1])
        }
        return page
    }

    private static func escaped(_ text: String) -> String {
        text.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
    }
}
