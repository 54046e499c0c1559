import Cryptography
import Domain
import FoundationEssentials
import Glibc
import Store

/// The program as it is installed, with a relay that is smtp-sink and accounts that have TOTP on.
struct Installation {
    let folder: String
    let configuration: String
    let portalPort: Int
    private let pulih: String

    /// - Parameters:
    ///   - passwordHashes: of the accounts, in turn; without any they have no password.
    ///   - messagesPerConnection: 10 as Pulih's own default, or more.
    init(
        _ work: WorkFolder, relayPort: Int, lanes: Int, accounts: Int, passwordHashes: [String] = [],
        messagesPerConnection: Int = 10
    ) throws {
        pulih = try Child.sibling("pulih")
        folder = work.fresh("installation")
        let log = work.fresh("log")
        try Child([pulih, "init", folder], output: log).finish()
        configuration = "\(folder)/pulih.json5"
        portalPort = relayPort + 1
        try work.write(
            """
            {
                publicURL: "http://127.0.0.1:\(portalPort)", database: { path: "pulih.db" }, keys: { directory: "keys" },
                http: { listen: "127.0.0.1:\(portalPort)", trustedProxies: ["127.0.0.1"] }, operations: { listen: "127.0.0.1:\(portalPort + 1)" },
                api: { listen: "127.0.0.1:\(portalPort + 2)" }, applications: [{ id: "bench", hosts: ["bench.example.org"], redirectURIs: ["\(Self.redirectURI)"] }],
                smtp: { host: "127.0.0.1", port: \(relayPort), tls: "none", messagesPerConnection: \(messagesPerConnection) }, mail: { from: "pulih@example.org" },
                worker: { lanes: \(lanes) }, log: { level: "warning" },
                reset: { perAccountPerHour: 1000, perAddressPerHour: 100000 },
            }
            """, to: configuration)
        let lines = (1...accounts).map { number in
            let hash = passwordHashes.isEmpty ? "" : passwordHashes[number % passwordHashes.count]
            return "user\(number),\(Self.address(number)),penyedia,"
                + "otpauth://totp/Pulih:user\(number)?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP,\"\(hash)\""
        }
        let list = work.fresh("accounts.csv")
        try work.write((["user_id,email,user_type,otpauth,password_hash"] + lines).joined(separator: "\n"), to: list)
        try Child([pulih, "user", "import", list, "--config", configuration], output: log).finish()
    }

    static let redirectURI = "https://bench.example.org/callback"

    /// Queues one request for each account.
    func enqueue(_ accounts: Int) throws {
        let database = try openDatabase()
        defer { database.close() }
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

    var apiPort: Int { portalPort + 2 }

    var database: String { "\(folder)/pulih.db" }

    func openDatabase() throws -> Database { try Database(path: database, clock: BenchClock()) }

    /// Makes a key of the application that calls the API.
    func addKey() throws -> String {
        let output = "\(folder)/application.key"
        try Child([pulih, "application", "add-key", "bench", "--config", configuration], output: output).finish()
        let text = FileManager.default.contents(atPath: output).map { String(decoding: $0, as: UTF8.self) } ?? ""
        guard let key = text.split(separator: "\n").first(where: { $0.hasPrefix("pulih_") }) else {
            throw BenchFailure("no key in \(text)")
        }
        return String(key)
    }

    /// Runs a command to its end.
    func run(_ words: [String]) throws {
        try Child([pulih] + words + ["--config", configuration], output: "\(folder)/output").finish()
    }

    func start(_ role: String, log: String) throws -> Child {
        try Child([pulih, role, "--config", configuration], output: log)
    }
}

/// Postfix's sink for mails.
enum Sink {
    static func start(_ work: WorkFolder, port: Int) throws -> Child {
        let sink = try Child(
            ["/usr/sbin/smtp-sink", "-u", "nobody", "127.0.0.1:\(port)", "1000"], output: work.fresh("sink"))
        usleep(300_000)
        return sink
    }

    /// A port with two free ones behind it, as far as one can tell.
    static func port() -> Int { 20_000 + Int(getpid()) % 20_000 }
}
