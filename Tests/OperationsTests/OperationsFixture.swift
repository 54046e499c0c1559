import Cryptography
import Domain
import Foundation
import HTTPServer
import Operations
import Pages
import SQL
import SQLite
import Store
import Support
import Threading

/// Operations over a real database of its own, at a time that a test says, asked without a socket.
final class OperationsFixture: Sendable {
    static let start = Instant(milliseconds: 1_795_000_000_000)
    static let client = "192.0.2.7"

    let logger = TestLogger()
    let operations: Operations
    private let temporary: TemporarySQLiteDatabase
    private let router: Router

    /// - Parameter vacuum: what a server tells of itself; SQLite has none.
    init(token: String? = nil, links: [Navigation.Link] = [], vacuum: VacuumMetrics? = nil) throws {
        temporary = try TemporarySQLiteDatabase(clock: FixedClock(Self.start))
        let database = temporary.database
        let store: any Store = vacuum.map { VacuumedStore(store: database, vacuum: $0) } ?? database
        operations = try Self.operations(store, temporary.clock, logger, token: token, links: links)
        router = operations.router
    }

    var clock: FixedClock { temporary.clock }
    var database: Database { temporary.database }

    static func operations(
        _ store: any Store, _ clock: FixedClock, _ logger: TestLogger, token: String? = nil,
        links: [Navigation.Link] = []
    ) throws -> Operations {
        Operations(
            store: store, pages: try pages(), clock: clock, formTokens: FormTokens(key: key),
            token: token.map { Array($0.utf8) }, zone: .wib, version: "1.2.3", links: links, logger: logger)
    }

    static func pages() throws -> Pages { try loaded.get() }

    /// The templates that the program comes with.
    private static let loaded = Result {
        try Pages(
            Pages.Settings(language: .english, helpdesk: "helpdesk@example.org", isSecure: false),
            read: ProjectFile.template)
    }

    static let key = SecretKey(bytes: [UInt8](repeating: 7, count: 32))!

    /// Sends these headers beside a Host on loopback; a nil takes one away.
    func send(
        _ method: HTTPServer.Method = .get, _ target: String, _ headers: [String: String?] = [:], body: String = ""
    ) throws -> Response {
        let standard: [String: String?] = ["Host": "127.0.0.1:8081"]
        let all = standard.merging(headers) { $1 }
        let request = try Request(
            method: method, target: target,
            headers: Headers(all.compactMap { name, value in value.map { Field(name: name, value: $0) } }),
            body: Array(body.utf8), client: IPAddress(Self.client))
        return operations.answer(request, with: router)
    }

    func page(_ target: String, status: Int = 200, _ headers: [String: String?] = [:]) throws -> String {
        let response = try send(.get, target, headers)
        guard response.status == status else { throw SupportFailure("\(target) answers \(response.status)") }
        return response.text
    }

    /// Posts a form as a browser does that shows our page.
    /// - Parameter more: further fields, encoded.
    func press(
        _ target: String, csrf: String?, _ headers: [String: String?] = [:], more: String = ""
    ) throws -> Response {
        let standard: [String: String?] = [
            "Content-Type": "application/x-www-form-urlencoded", "Sec-Fetch-Site": "same-origin",
        ]
        return try send(
            .post, target, standard.merging(headers) { $1 }, body: (csrf.map { "csrf=\($0)" } ?? "") + more)
    }

    /// The form token on a job's page.
    func csrf(job: Int64) throws -> String { try csrf(on: "/jobs/\(job)", form: #"id="change""#) }

    /// The token of the form that pauses a lane.
    func laneCSRF() throws -> String { try csrf(on: "/", form: #"action="/lanes/pause""#) }

    private func csrf(on target: String, form: String) throws -> String {
        let page = try page(target)
        guard let form = page.range(of: form),
            let match = page[form.upperBound...].firstMatch(of: /name="csrf" value="([^"]+)"/)
        else { throw SupportFailure("no such form on \(target)") }
        return String(match.1)
    }

    /// Posts JSON as a program does.
    func order(_ target: String, _ body: String, _ headers: [String: String?] = [:]) throws -> Response {
        try send(
            .post, target, ["Content-Type": "application/json" as String?].merging(headers) { $1 }, body: body)
    }

    /// Reads and writes past the program.
    func sql(_ statement: String, _ values: [SQL.Value] = []) throws {
        try SQLiteConnection(path: temporary.path, role: .writer).run(statement, values)
    }

    /// The audit log, oldest first: name, actor, subject, address, detail.
    func audit() throws -> [[String]] {
        try SQLiteConnection(path: temporary.path, role: .reader).all(
            "SELECT name, actor, subject, address, detail FROM audit_event ORDER BY id"
        ) { row in (0..<5).map { row.optionalText($0) ?? "-" } }
    }

    func job(_ id: Int64) throws -> Job? { try database.read { try $0.job(id: id) } }
}

extension OperationsFixture {
    /// A reset request as the portal queues it, created some seconds ago.
    @discardableResult
    func enqueue(_ userID: String = "budi", ago seconds: Int64 = 0, kind: String = "reset-request") throws -> Int64 {
        let payload = ResetPayload(
            userID: userID, email: Canary.email, userType: "penyedia", captcha: Canary.captcha,
            securityCode: Canary.securityCode, address: Canary.address, requestID: Canary.requestID)
        let json = String(decoding: try JSONEncoder().encode(payload), as: UTF8.self)
        let job = NewJob(kind: kind, payload: json, createdAt: clock.now() - .seconds(seconds))
        return try database.write { try $0.enqueue(job) }
    }

    /// Claims the oldest ready job and settles it.
    func settle(_ settlement: Settlement, attempt: Attempt? = nil) throws {
        let now = clock.now()
        try database.write { transaction in
            let claimed = try transaction.claim(limit: 1, at: now, leaseUntil: now + .seconds(30), worker: "worker-1")
            for job in claimed { _ = try transaction.settle(job.claim, settlement, attempt: attempt, at: now) }
        }
    }

    /// A dead job with one attempt.
    func enqueueDead(_ userID: String = "budi", reason: String = "550 no such user") throws -> Int64 {
        let id = try enqueue(userID)
        try settle(.dead(outcome: .rejected, reason: reason), attempt: attempt(reply: reason))
        return id
    }

    func attempt(
        reply: String, stage: String = "rcpt", outcome: Delivery.Outcome = .permanent, relay: String? = nil
    ) -> Attempt {
        Attempt(
            number: 1, startedAt: clock.now(), seconds: 0.0471, stage: stage, code: 550, outcome: outcome,
            reply: reply, reusedConnection: true, worker: "worker-1", relay: relay)
    }

    func pause(_ lane: String, why: String) throws {
        let now = clock.now()
        _ = try database.write {
            try JobAdministration.pause(
                lane: lane, in: $0, at: now, by: Operator(name: "operator:ani", address: nil), why: why)
        }
    }

    func report(
        _ id: String = "worker-1", ago seconds: Int64 = 0, relay: String = "closed", reason: String = "",
        relays: [WorkerHeartbeat.Relay]? = nil
    ) throws {
        let at = clock.now() - .seconds(seconds)
        let state = WorkerHeartbeat(
            id: id, startedAt: at, heartbeatAt: at, relay: relay, relayReason: reason, lanes: 4, busy: 0,
            relays: relays ?? [
                .init(
                    name: "relay.test:25", state: .init(rawValue: relay) ?? .closed, reason: reason,
                    token: RelayToken(endsAt: at + .hours(1), failure: nil))
            ])
        try database.write { try $0.recordHeartbeat(state) }
    }

    /// A login at an application.
    func countLogin() throws {
        let now = clock.now()
        try database.write { $0.countLogin(to: "e-katalog", at: now) }
    }

    /// An application that is told what happens, and an event for it that failed. - Returns: the job.
    @discardableResult
    func failWebhook(ago seconds: Int64 = 7, words: String = "app.test answered HTTP 500.") throws -> Int64 {
        let (now, at) = (clock.now(), clock.now() - .seconds(seconds))
        return try database.write { transaction in
            try transaction.setWebhooks([Webhook(application: "e-katalog", url: "https://app.test/hook")])
            let event = WebhookEvent(.totpReset, at: at, userID: "budi", userType: "penyedia")
            let job = try transaction.publish(event, to: "e-katalog")
            try transaction.record(
                WebhookOutcome(at: at, isDelivered: false, words: words), of: "e-katalog")
            guard
                let claimed = try transaction.claim(
                    for: ReceiverID(.webhook, "e-katalog"), at: now, leaseUntil: now, worker: "w")
            else { return job }
            let attempt = Attempt(
                number: 1, startedAt: at, seconds: 0.1, stage: "answer", code: 500, outcome: .temporary,
                reply: "HTTP 500", reusedConnection: false, worker: "w", relay: "app.test")
            _ = try transaction.settle(
                claimed.claim, .retry(at: now + .hours(1), reason: words, unknown: false), attempt: attempt, at: now)
            return job
        }
    }
}

/// What a payload holds and nobody may see.
enum Canary {
    static let email = "canary-email@example.org"
    static let captcha = "canary-captcha"
    static let securityCode = "canary-code"
    static let address = "canary-address"
    static let requestID = "canary-request"

    static let all = [email, captcha, securityCode, address, requestID, "canary"]
}

/// A database on a full disk: it can be read and not written.
struct FullStore: Store {
    let store: any Store

    var metrics: StoreMetrics { store.metrics }

    func read<Result: Sendable>(_ body: (any ReadTransaction) throws -> Result) throws -> Result {
        try store.read(body)
    }

    func write<Result: Sendable>(_ body: @escaping @Sendable (any WriteTransaction) throws -> Result) throws -> Result {
        throw BrokenStore.error
    }
}

/// A database whose server sweeps up what is gone.
struct VacuumedStore: Store {
    let store: any Store
    let vacuum: VacuumMetrics

    var metrics: StoreMetrics {
        StoreMetrics(commits: store.metrics.commits, bytes: store.metrics.bytes, vacuum: vacuum)
    }

    func read<Result: Sendable>(_ body: (any ReadTransaction) throws -> Result) throws -> Result {
        try store.read(body)
    }

    func write<Result: Sendable>(_ body: @escaping @Sendable (any WriteTransaction) throws -> Result) throws -> Result {
        try store.write(body)
    }
}

/// A database that has stopped answering.
struct BrokenStore: Store {
    var metrics: StoreMetrics { StoreMetrics(commits: Histogram(), bytes: [:]) }

    static let error = StoreError(sentence: "The disk is full.", detail: "code 13")

    func read<Result: Sendable>(_ body: (any ReadTransaction) throws -> Result) throws -> Result { throw Self.error }

    func write<Result: Sendable>(_ body: @escaping @Sendable (any WriteTransaction) throws -> Result) throws -> Result {
        throw Self.error
    }
}

extension Response {
    var text: String { String(decoding: body, as: UTF8.self) }

    func json<Content: Decodable>(_ type: Content.Type = Content.self) throws -> Content {
        try JSONDecoder().decode(type, from: Data(body))
    }
}
