import Domain
import Foundation
import HTTPServer
import Support
import Testing

/// An application behind a proxy that asks the portal, and a browser that keeps the cookies of both.
final class Applicant {
    static let catalogue = Application(
        id: "e-katalog", name: "e-Katalog", hosts: ["katalog.example.org", "katalog.example.org:8443"],
        publicPaths: ["/bantuan"])
    static let journal = Application(
        id: "jurnal", name: "Jurnal", userTypes: ["non-penyedia"], hosts: ["jurnal.example.org"])
    static let archive = Application(id: "arsip", name: "Arsip", hosts: ["arsip.example.org"], factor: .totp)
    static let notices = Application(id: "info", name: "Info", hosts: ["info.example.org"], factor: .password)

    let fixture: PortalFixture
    let portal: PortalClient
    /// The cookies of each host.
    var cookies: [String: [String: String]] = [:]
    private(set) var page = Response(status: 204)

    init(state: TOTPState = .active) throws {
        fixture = try PortalFixture(
            state: state, applications: [Self.catalogue, Self.journal, Self.archive, Self.notices])
        portal = try PortalClient(fixture)
    }

    /// A request of the browser to an application's host.
    @discardableResult
    func send(
        _ method: HTTPServer.Method = .get, _ path: String, at host: String = "katalog.example.org",
        _ headers: [String: String] = [:]
    ) throws -> Response {
        var all = headers.merging(["Host": host]) { own, _ in own }
        let jar = cookies[host] ?? [:]
        if !jar.isEmpty, all["Cookie"] == nil {
            all["Cookie"] = jar.map { "\($0)=\($1)" }.joined(separator: "; ")
        }
        page = try fixture.send(method, path, all)
        for header in page.headers.values("Set-Cookie") {
            let pair = header.prefix { $0 != ";" }.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            cookies[host, default: [:]][String(pair[0])] = header.contains("Max-Age=0") ? nil : String(pair[1])
        }
        return page
    }

    /// What the proxy asks about a page load.
    @discardableResult
    func verify(
        _ target: String = "/", at host: String = "katalog.example.org", method: String = "GET",
        _ headers: [String: String] = [:]
    ) throws -> Response {
        let told = ["X-Forwarded-Uri": target, "X-Forwarded-Method": method, "Accept": "text/html"]
        return try send(.get, "/.pulih/verify", at: host, told.merging(headers) { $1 })
    }

    var location: String { page.headers["Location"] ?? "" }

    /// Follows `start` to the portal.
    /// - Returns: where the portal sends the browser.
    func setOut(_ target: String = "/", at host: String = "katalog.example.org") throws -> String {
        try send(.get, "/.pulih/start?rd=\(PercentEncoding.encode(target))", at: host)
        let way = location
        #expect(way.hasPrefix("https://otp.example.org/login/application?"))
        try portal.get(String(way.dropFirst("https://otp.example.org".count)))
        return portal.location ?? ""
    }

    /// Comes back with what the portal gave.
    func comeBack(to address: String, at host: String = "katalog.example.org") throws {
        try #require(address.hasPrefix("https://\(host)/.pulih/callback?code="), "\(address)")
        try send(.get, String(address.dropFirst("https://\(host)".count)), at: host)
    }

    /// Logged in at the portal and at the host.
    func enter(_ target: String = "/", at host: String = "katalog.example.org") throws {
        if portal.cookies["__Host-pulih"] == nil { try portal.logIn() }
        try comeBack(to: try setOut(target, at: host), at: host)
    }
}
