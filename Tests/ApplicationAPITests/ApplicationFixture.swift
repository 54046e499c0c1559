import Cryptography
import Domain
import Foundation
import HTTPServer
import Store
import Support

@testable import ApplicationAPI

/// The API over a real database with Budi in it, at a time that a test says, asked without a socket.
final class ApplicationFixture: Sendable {
    static let catalogue = Application(id: "e-katalog", name: "e-Katalog")
    /// Has to do with one user type alone.
    static let journal = Application(id: "jurnal", name: "Jurnal", userTypes: ["non-penyedia"])
    static let userTypes = ["penyedia", "non-penyedia"].map { UserType(id: $0, labels: [.indonesian: $0]) }

    let scene: LoginScene
    let logger = TestLogger()
    let api: ApplicationAPI
    /// Of the catalogue, for everything.
    let key: String
    private let router: Router

    init(state: TOTPState = .active) throws {
        scene = try LoginScene(state: state)
        api = ApplicationAPI(
            settings: ApplicationAPI.Settings(userTypes: Self.userTypes, language: .indonesian),
            applications: [Self.catalogue, Self.journal], store: scene.store,
            services: ApplicationAPI.Services(
                codes: scene.codes, enrollment: scene.enrollment, recovery: scene.recovery,
                accounts: AccountCreator(sealer: scene.sealer, random: scene.random), sealer: scene.sealer),
            clock: scene.clock, random: scene.random, logger: logger)
        router = api.router
        key = try Self.addKey(to: scene)
    }

    /// Gives an application a key.
    static func addKey(
        to scene: LoginScene, _ application: Application = catalogue,
        scopes: Set<ApplicationScope> = Set(ApplicationScope.allCases)
    ) throws -> String {
        let (text, now) = (ApplicationKeyText(random: scene.random), scene.now)
        try scene.store.write { transaction in
            try transaction.insert(
                ApplicationKey(
                    id: text.id, application: application.id, scopes: scopes, digest: text.digest, createdAt: now))
        }
        return text.text
    }

    func addKey(_ application: Application = catalogue, scopes: Set<ApplicationScope>) throws -> String {
        try Self.addKey(to: scene, application, scopes: scopes)
    }

    /// Sends a request with the catalogue's key; a nil takes a header away.
    func send(
        _ method: HTTPServer.Method, _ target: String, _ body: JSON? = nil, _ headers: [String: String?] = [:]
    ) throws -> Answer {
        try send(method, target, bytes: try body?.bytes ?? [], headers)
    }

    func send(
        _ method: HTTPServer.Method, _ target: String, bytes: [UInt8], _ headers: [String: String?] = [:]
    ) throws -> Answer {
        let standard: [String: String?] = ["Authorization": "Bearer \(key)", "Content-Type": "application/json"]
        let all = standard.merging(headers) { $1 }
        let request = try Request(
            method: method, target: target,
            headers: Headers(all.compactMap { name, value in value.map { Field(name: name, value: $0) } }), body: bytes,
            client: IPAddress("192.0.2.7"))
        return Answer(router.answer(request))
    }

    /// Checks a code of Budi's.
    func verify(_ code: String, _ more: [String: JSON] = [:], of userID: String = "budi") throws -> Answer {
        try send(.post, "/v1/users/\(userID)/verify", .object(more.merging(["code": .string(code)]) { $1 }))
    }

    /// The audit log, oldest first: name, actor, subject, address, detail.
    func audit() throws -> [String] {
        try scene.fixture.execute(
            "SELECT name || ' ' || actor || ' ' || subject || ' ' || coalesce(address, '-') || ' ' || detail "
                + "FROM audit_event ORDER BY id;"
        ).split(separator: "\n").map(String.init)
    }

    /// The kinds of jobs that wait, oldest first.
    func jobs() throws -> [String] {
        try scene.fixture.execute("SELECT kind FROM job ORDER BY id;").split(separator: "\n").map(String.init)
    }
}

/// An answer with its body read.
struct Answer {
    let status: Int
    let headers: Headers
    let body: JSON

    init(_ response: Response) {
        status = response.status
        headers = response.headers
        body = (try? JSON(parsing: response.body)) ?? nil
    }

    /// The last part of a problem's type.
    var problem: String? {
        body["type"].string.flatMap { $0.hasPrefix("urn:pulih:problem:") ? String($0.dropFirst(18)) : nil }
    }

    /// `field rule` of what is wrong.
    var errors: [String] {
        (body["errors"].array ?? []).map { "\($0["field"].string ?? "") \($0["rule"].string ?? "")" }
    }
}
