import Cryptography
import Domain
import FoundationEssentials
import Glibc
import Store

/// The program as it is installed, with accounts that have TOTP on.
struct Installation {
    let folder: String
    private(set) var portalPort: Int
    private(set) var operationsPort: Int
    private(set) var apiPort: Int
    private var configuration: String
    private let pulih: String
    private let engine: PostgreSQLEngine?
    /// What the configuration says besides where to listen.
    private let settings: String

    /// - Parameters:
    ///   - engine: of a database on PostgreSQL; nil for a file.
    ///   - relayPort: nil where nothing is mailed.
    ///   - passwordHashes: of the accounts, in turn; without any they have no password.
    ///   - messagesPerConnection: 10 as Pulih's own default, or more.
    init(
        _ work: WorkFolder, on engine: PostgreSQLEngine? = nil, relayPort: Int? = nil, lanes: Int = 1, accounts: Int,
        passwordHashes: [String] = [], messagesPerConnection: Int = 10
    ) throws {
        self.engine = engine
        pulih = try Tools.sibling("pulih")
        folder = work.fresh("installation")
        (portalPort, operationsPort, apiPort) = (try Ports.free(), try Ports.free(), try Ports.free())
        configuration = "\(folder)/pulih.json5"
        try Child([pulih, "init", folder], output: work.fresh("init")).finish()
        settings = """
            publicURL: "http://127.0.0.1:\(portalPort)",
            database: { \(engine.map { "url: \"\($0.name)\"" } ?? "path: \"pulih.db\"") }, keys: { directory: "keys" },
            applications: [
                { id: "bench", hosts: ["bench.example.org"], redirectURIs: ["\(Self.redirectURI)"] },
                { id: "bench-es256", redirectURIs: ["\(Self.redirectURI)"], idTokenAlgorithm: "ES256" },
            ],
            smtp: { host: "127.0.0.1", port: \(try relayPort ?? Ports.free()), tls: "none",
                messagesPerConnection: \(messagesPerConnection) },
            mail: { from: "\(CapturedMail.sender)" }, worker: { lanes: \(lanes) }, log: { level: "warning" },
            reset: { perAccountPerHour: 1000, perAddressPerHour: 100000 },
            """
        try configure(work)
        let lines = (1...accounts).map { number in
            let hash = passwordHashes.isEmpty ? "" : passwordHashes[number % passwordHashes.count]
            return "user\(number),\(Self.address(number)),penyedia,"
                + "otpauth://totp/Pulih:user\(number)?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP,\"\(hash)\""
        }
        let list = "\(folder)/accounts.csv"
        try work.write((["user_id,email,user_type,otpauth,password_hash"] + lines).joined(separator: "\n"), to: list)
        try run(["user", "import", list])
    }

    /// The same installation on a further machine: with ports of its own, over the same database.
    func another(_ work: WorkFolder) throws -> Installation {
        var other = self
        (other.portalPort, other.operationsPort, other.apiPort) = (try Ports.free(), try Ports.free(), try Ports.free())
        other.configuration = "\(folder)/pulih-\(other.operationsPort).json5"
        try other.configure(work)
        return other
    }

    private func configure(_ work: WorkFolder) throws {
        try work.write(
            """
            {
            \(settings)
                http: { listen: "127.0.0.1:\(portalPort)", trustedProxies: ["127.0.0.1"] },
                operations: { listen: "127.0.0.1:\(operationsPort)" }, api: { listen: "127.0.0.1:\(apiPort)" },
            }
            """, to: configuration)
    }

    static let redirectURI = "https://bench.example.org/callback"

    /// Queues one request for each account.
    func enqueue(_ accounts: Int) throws {
        let database = try openDatabase()
        defer { database.close() }
        try enqueue(accounts, to: database)
    }

    func enqueue(_ accounts: Int, to database: Database) throws {
        try database.write { transaction in
            for number in 1...accounts { try transaction.enqueue(try Self.request(number)) }
        }
    }

    /// The request of the account with this number, from 1.
    static func request(_ number: Int) throws -> NewJob {
        let payload = ResetPayload(
            userID: "user\(number)", email: address(number), userType: "penyedia", captcha: nil, securityCode: nil,
            address: nil, requestID: nil)
        return try NewJob(.resetRequest, payload: payload, at: BenchClock().now())
    }

    static func address(_ number: Int) -> String { "user\(number)@example.org" }

    func key(_ name: String) throws -> SecretKey {
        let file = "\(folder)/keys/\(name).key"
        guard let data = FileManager.default.contents(atPath: file),
            let text = String(decoding: data, as: UTF8.self).split(whereSeparator: \.isWhitespace).last,
            let bytes = Base64URL.decode(String(text)),
            let key = SecretKey(bytes: bytes)
        else { throw BenchFailure("\(file) holds no key") }
        return key
    }

    var database: String { "\(folder)/pulih.db" }

    func openDatabase() throws -> Database {
        try engine.map { try Database($0, clock: BenchClock()) } ?? Database(path: database, clock: BenchClock())
    }

    /// Makes a key of the application that calls the API.
    func addKey() throws -> String {
        let text = try run(["application", "add-key", "bench"])
        guard let key = text.split(separator: "\n").first(where: { $0.hasPrefix("pulih_") }) else {
            throw BenchFailure("no key in \(text)")
        }
        return String(key)
    }

    /// Runs a command to its end.
    /// - Returns: what it prints.
    @discardableResult
    func run(_ words: [String]) throws -> String {
        let output = "\(folder)/output"
        unlink(output)
        return try Child([pulih] + words + ["--config", configuration], output: output).finish()
    }

    func start(_ role: String) throws -> Child {
        try Child([pulih, role, "--config", configuration], output: "\(folder)/\(role).log")
    }

    /// A portal that takes connections.
    func startPortal() throws -> Child {
        let portal = try start("portal")
        try portal.answers(on: portalPort)
        return portal
    }

    func remove() { try? FileManager.default.removeItem(atPath: folder) }
}
