import Cryptography
import JSON
import Domain
import FoundationEssentials
import SMTP

/// Reads a configuration file. All mistakes are reported together.
package enum ConfigurationFile {
    /// - Throws: `ConfigurationErrors`.
    package static func read(_ path: String) throws -> Configuration {
        guard let text = TextFile.read(path) else {
            throw ConfigurationErrors(
                file: path,
                entries: [.init(key: "", problem: "the file cannot be read. `pulih init DIRECTORY` writes one.")])
        }
        return try parse(text, file: path)
    }

    package static func parse(_ text: String, file: String) throws -> Configuration {
        let tree: JSONTree
        do {
            tree = try JSONTree.parse(text)
        } catch {
            throw ConfigurationErrors(file: file, entries: [.init(key: "", problem: "not JSON5: \(error.sentence)")])
        }
        guard case .object(let root) = tree else {
            throw ConfigurationErrors(file: file, entries: [.init(key: "", problem: "must be an object: { … }")])
        }
        var reader = ConfigurationReader(root)
        let configuration = read(&reader, file: file)
        reader.addUnknownKeys()
        guard let configuration, reader.problems.isEmpty else {
            throw ConfigurationErrors(file: file, entries: reader.problems)
        }
        return configuration
    }

    private static func read(_ reader: inout ConfigurationReader, file: String) -> Configuration? {
        let folder = Paths.parent(of: file)
        let publicURL = readPublicURL(&reader)
        let database = DatabasePlace.read(&reader, folder: folder)
        let keys = reader.requiredText("keys.directory", "the folder of the key files, such as \"keys\"")
        let templates = reader.text("templates.directory")
        let language: Language = reader.choice("language", default: .indonesian)
        let timeZone = readTimeZone(&reader)
        let http = readListener(&reader, "http.listen", default: "127.0.0.1:8080")
        let operations = readListener(&reader, "operations.listen", default: "127.0.0.1:8081")
        let token = reader.text("operations.tokenFile")
        if token == nil && !operations.isLoopback {
            reader.addProblem(
                "operations.tokenFile",
                "is needed, since operations.listen is not plainly loopback: a file of mode 0600 that holds the token")
        }
        let proxies = reader.texts("http.trustedProxies")
        let relays = RelayReader(
            folder: folder, clientName: RelayReader.clientName(host: publicURL.flatMap { URL(string: $0)?.host() })
        ).read(&reader)
        let mail = readMail(&reader)
        let lanes = reader.integer("worker.lanes", in: 1...64, default: 4)
        let worker = Configuration.Worker(
            lanes: lanes, maxLanes: max(lanes, reader.integer("worker.maxLanes", in: 1...256, default: 4 * lanes)),
            lease: reader.span("worker.lease", in: .seconds(5)...(.hours(1)), default: .seconds(60)))
        let reset = Configuration.Reset(
            linkLifetime: reader.span("reset.linkLifetime", in: .minutes(1)...(.hours(24)), default: .minutes(30)),
            perAccountPerHour: reader.integer("reset.perAccountPerHour", in: 1...1000, default: 3),
            perAddressPerHour: reader.integer("reset.perAddressPerHour", in: 1...100_000, default: 10))
        let session = SessionLimits(
            idle: reader.span(
                "session.idle", in: .minutes(1)...(.hours(12)), default: SessionLimits.standard.idle),
            total: reader.span(
                "session.total", in: .minutes(1)...(.hours(24)), default: SessionLimits.standard.total))
        let totp = readTOTP(&reader)
        let userTypes = readUserTypes(&reader)
        let applications = ApplicationsReader(folder: folder, userTypes: userTypes.map(\.id)).read(&reader)
        let api = readAPIListener(&reader, hasProxies: !proxies.isEmpty)
        let log = Configuration.Log(
            format: reader.choice("log.format", default: .logfmt), level: reader.choice("log.level", default: .info))
        guard let publicURL, let database, let keys, let relays, let mail, let totp else { return nil }
        return Configuration(
            file: file, publicURL: publicURL, language: language, timeZone: timeZone,
            database: database, keysDirectory: Paths.resolve(keys, in: folder),
            templatesDirectory: templates.map { Paths.resolve($0, in: folder) }, http: http, trustedProxies: proxies,
            operations: operations, operationsTokenFile: token.map { Paths.resolve($0, in: folder) }, api: api,
            applications: applications, relays: relays,
            mail: mail, worker: worker, reset: reset, session: session, totp: totp, userTypes: userTypes, log: log)
    }

    private static func readPublicURL(_ reader: inout ConfigurationReader) -> String? {
        let example = "the address people reach this service at, such as \"https://otp.example.org\""
        guard let text = reader.requiredText("publicURL", example) else { return nil }
        guard let url = URL(string: text), let scheme = url.scheme, ["https", "http"].contains(scheme),
            let host = url.host(), !host.isEmpty, url.query() == nil, url.fragment() == nil, url.user() == nil,
            text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f })
        else {
            reader.addProblem("publicURL", "is not an http or https address with a host: \(example)")
            return nil
        }
        if scheme == "http" && !["localhost", "127.0.0.1", "[::1]", "::1"].contains(host) {
            reader.addProblem(
                "publicURL", "must be https: a reset link must not travel in clear (http is for loopback)")
        }
        return text.hasSuffix("/") ? String(text.dropLast()) : text
    }

    private static func readTimeZone(_ reader: inout ConfigurationReader) -> LocalTimeZone {
        let text = reader.text("timeZone", default: "WIB") ?? "WIB"
        guard let zone = LocalTimeZone(named: text) else {
            reader.addProblem("timeZone", "must be WIB, WITA, WIT or UTC, not \"\(text)\"")
            return .wib
        }
        return zone
    }

    private static func readListener(
        _ reader: inout ConfigurationReader, _ key: String, default standard: String
    ) -> Configuration.Listener {
        Configuration.Listener(text: reader.text(key, default: standard) ?? standard)
    }

    /// TLS is the proxy's, so nobody but a proxy or this machine may come near.
    private static func readAPIListener(
        _ reader: inout ConfigurationReader, hasProxies: Bool
    ) -> Configuration.Listener? {
        guard let text = reader.text("api.listen") else { return nil }
        let listener = Configuration.Listener(text: text)
        if !listener.isLoopback, listener.inheritedName == nil, !hasProxies {
            reader.addProblem(
                "api.listen",
                "must be loopback, unix: or systemd:, since keys must not travel in clear; behind a proxy that speaks TLS name "
                    + "it in http.trustedProxies")
        }
        return listener
    }

    private static func readMail(_ reader: inout ConfigurationReader) -> Configuration.Mail? {
        let from = reader.requiredText("mail.from", "the sender, such as \"Pulih <noreply@example.org>\"")
        let replyTo = reader.text("mail.replyTo")
        for (key, text) in [("mail.from", from), ("mail.replyTo", replyTo)] {
            guard let text, (try? Mailbox(parsing: text)) == nil else { continue }
            reader.addProblem(key, "is not an address: write \"user@example.org\" or \"Name <user@example.org>\"")
        }
        let bounce = readBounce(&reader)
        let helpdesk = reader.text("mail.helpdesk") ?? replyTo ?? from ?? ""
        guard let from, let sender = try? Mailbox(parsing: from).address.text else { return nil }
        return Configuration.Mail(
            from: from, sender: sender, replyTo: replyTo,
            helpdesk: (try? Mailbox(parsing: helpdesk).address.text) ?? sender, bounce: bounce)
    }

    private static func readBounce(_ reader: inout ConfigurationReader) -> ReturnMailbox? {
        guard let text = reader.text("mail.bounce") else { return nil }
        guard let mailbox = ReturnMailbox(text) else {
            reader.addProblem(
                "mail.bounce",
                "must be an address such as \"bounce@example.org\", with at most \(ReturnMailbox.longestLocalPart) "
                    + "characters before the @: number and tag of each mail are put there")
            return nil
        }
        return mailbox
    }

    private static func readTOTP(_ reader: inout ConfigurationReader) -> Configuration.TOTP? {
        let issuer = reader.text("totp.issuer", default: "Pulih") ?? "Pulih"
        if issuer.isEmpty || issuer.utf8.contains(UInt8(ascii: ":")) {
            reader.addProblem("totp.issuer", "must be a name without a colon: authenticator apps show it")
        }
        let algorithm: HashAlgorithm = reader.choice("totp.algorithm", default: .sha1)
        let digits = reader.integer("totp.digits", in: 6...8, default: 6)
        let period = reader.integer("totp.period", in: 15...120, default: 30)
        guard let parameters = try? TOTPParameters(algorithm: algorithm, digits: digits, period: period) else {
            reader.addProblem("totp.digits", "must be 6 or 8")
            return nil
        }
        return Configuration.TOTP(issuer: issuer, parameters: parameters)
    }

    private static let standardUserTypes = [
        UserType(id: "penyedia", labels: [.indonesian: "Penyedia", .english: "Penyedia (provider)"]),
        UserType(id: "non-penyedia", labels: [.indonesian: "Non Penyedia", .english: "Non Penyedia (non-provider)"]),
    ]

    private static func readUserTypes(_ reader: inout ConfigurationReader) -> [UserType] {
        guard let objects = reader.objects("userTypes") else { return standardUserTypes }
        var types: [UserType] = []
        for (index, object) in objects.enumerated() {
            guard case .text(let id)? = object["id"], UserID(id) != nil,
                case .text(let label)? = object["label"],
                !types.contains(where: { $0.id == id })
            else {
                reader.addProblem(
                    "userTypes[\(index)]",
                    "needs an id of its own (letters, digits, hyphens) and a label: {id: \"penyedia\", label: \"Penyedia\"}"
                )
                continue
            }
            var labels: [Language: String] = [.indonesian: label]
            if case .text(let english)? = object["label_en"] { labels[.english] = english }
            var login: [Language: String] = [:]
            if case .text(let label)? = object["login"] { login[.indonesian] = label }
            if case .text(let english)? = object["login_en"] { login[.english] = english }
            types.append(UserType(id: id, labels: labels, loginLabels: login))
        }
        if objects.isEmpty { reader.addProblem("userTypes", "needs at least one type") }
        return types
    }
}
