import Support
import Testing

/// Somebody who logs in without a browser: keeps cookies, takes form tokens off pages, follows no redirect.
final class LoginClient {
    let client: HTTPClient

    init(_ port: FreePort) { client = HTTPClient(port: port.number) }

    /// Opens a page and sends the form on it.
    @discardableResult
    func submit(_ path: String, _ fields: [String: String]) throws -> HTTPAnswer {
        let page = try FormPage(try client.get(path))
        return try client.post(path, form: [("csrf", page.csrf)] + fields.map { ($0, $1) })
    }

    /// User ID and password.
    /// - Returns: where they lead.
    @discardableResult
    func enter(_ person: Installation.Person, password: String = Installation.password) throws -> String? {
        try submit("/login", ["user_id": person.userID, "user_type": "penyedia,non-penyedia"])
        return try submit("/login/password", ["password": password]).header("Location")
    }

    /// Whether the code lets in.
    func isLetIn(by code: String) throws -> Bool {
        let answer = try submit("/login/code", ["code": code])
        return Self.isLetIn(answer)
    }

    static func isLetIn(_ answer: HTTPAnswer) -> Bool {
        answer.status == 303 && answer.header("Location") == "/home" && answer.header("Set-Cookie") != nil
    }
}
