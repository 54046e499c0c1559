package import Domain
import HTTPClient

/// An application, and the file that its events are signed with.
package struct ApplicationConfiguration: Sendable {
    /// The configuration's key for it, such as `applications[0]`.
    package let key: String
    package let application: Application
    /// Nil where it is told nothing.
    package let webhookSecretFile: String?
    /// PEM file with the only authorities that its receiver is trusted by; nil for those of the system.
    package let webhookCAFile: String?
    /// Nil where it does not log in by OpenID Connect, or runs where no secret can be kept.
    package let clientSecretFile: String?
    /// PEM file with the only authorities that its `logoutURI` is trusted by; nil for those of the system.
    package let logoutCAFile: String?
}

/// The `applications[]` keys.
struct ApplicationsReader {
    let folder: String
    /// The ids of all user types.
    let userTypes: [String]

    func read(_ reader: inout ConfigurationReader) -> [ApplicationConfiguration] {
        guard let keys = reader.elements(of: "applications") else {
            if reader.has("applications") { reader.addProblem("applications", "must be a list: [{ id: … }]") }
            return []
        }
        var found: [ApplicationConfiguration] = []
        for key in keys {
            guard let application = read(&reader, key) else { continue }
            let id = application.application.id
            if let first = found.first(where: { $0.application.id == id }) {
                reader.addProblem("\(key).id", "is \"\(id)\" like that of \(first.key)")
            }
            for host in application.application.hosts {
                if let first = found.first(where: { $0.application.hosts.contains(host) }) {
                    reader.addProblem("\(key).hosts", "\"\(host)\" is a host of \(first.key)")
                }
            }
            found.append(application)
        }
        return found
    }

    private func read(_ reader: inout ConfigurationReader, _ key: String) -> ApplicationConfiguration? {
        let id = reader.requiredText(
            "\(key).id", "what commands, keys and the audit log call it, such as \"e-katalog\"")
        if let id, !Application.isID(id) {
            reader.addProblem("\(key).id", "must be 1 to 32 small letters, digits and hyphens")
        }
        let name = reader.text("\(key).name")
        let types = reader.texts("\(key).userTypes")
        for type in types where !userTypes.contains(type) {
            let known = userTypes.joined(separator: ", ")
            reader.addProblem("\(key).userTypes", "\"\(type)\" is none of userTypes: \(known)")
        }
        let (webhook, secretFile, caFile) = webhook(&reader, "\(key).webhook")
        let (client, clientSecretFile, logoutCAFile) = client(&reader, key)
        let hosts = hosts(&reader, key)
        let publicPaths = publicPaths(&reader, key)
        let factor = reader.optionalChoice("\(key).factor", of: Application.RequiredFactor.self)
        guard let id else { return nil }
        return ApplicationConfiguration(
            key: key,
            application: Application(
                id: id, name: name ?? id, userTypes: types.isEmpty ? nil : Set(types), webhook: webhook, hosts: hosts,
                factor: factor, publicPaths: publicPaths, client: client),
            webhookSecretFile: secretFile, webhookCAFile: caFile, clientSecretFile: clientSecretFile,
            logoutCAFile: logoutCAFile)
    }

    private func hosts(_ reader: inout ConfigurationReader, _ key: String) -> [String] {
        let hosts = reader.texts("\(key).hosts").map { $0.lowercased() }
        for host in hosts where !WebOrigin.isHost(host) {
            reader.addProblem(
                "\(key).hosts",
                "\"\(host)\" is no host, such as \"katalog.example.org\" or \"katalog.example.org:8443\"")
        }
        return hosts
    }

    private func publicPaths(_ reader: inout ConfigurationReader, _ key: String) -> [String] {
        let paths = reader.texts("\(key).publicPaths")
        for path in paths where !RequestPath.isPlain(path) {
            reader.addProblem("\(key).publicPaths", "\"\(path)\" is no plain path, such as \"/bantuan\"")
        }
        return paths
    }

    private func client(
        _ reader: inout ConfigurationReader, _ key: String
    ) -> (client: OpenIDClient?, secretFile: String?, logoutCAFile: String?) {
        let uris = reader.texts("\(key).redirectURIs")
        let logoutURI = reader.text("\(key).logoutURI")
        let secretFile = reader.text("\(key).clientSecretFile").map { Paths.resolve($0, in: folder) }
        let caFile = reader.text("\(key).logoutCAFile").map { Paths.resolve($0, in: folder) }
        let algorithm = reader.optionalChoice("\(key).idTokenAlgorithm", of: TokenAlgorithm.self)
        for uri in uris {
            if let problem = WebAddress.problem(with: uri) {
                reader.addProblem("\(key).redirectURIs", "\"\(uri)\" \(problem)")
            }
        }
        if let logoutURI, let problem = WebAddress.problem(with: logoutURI) {
            reader.addProblem("\(key).logoutURI", problem.description)
        }
        if caFile != nil, logoutURI == nil { reader.addProblem("\(key).logoutCAFile", "is of use only with logoutURI") }
        guard !uris.isEmpty else {
            for (name, isGiven) in [
                ("logoutURI", logoutURI != nil), ("clientSecretFile", secretFile != nil),
                ("idTokenAlgorithm", algorithm != nil),
            ] where isGiven {
                reader.addProblem("\(key).\(name)", "is of use only with redirectURIs")
            }
            return (nil, nil, nil)
        }
        let client = OpenIDClient(
            redirectURIs: uris, logoutURI: logoutURI, isConfidential: secretFile != nil,
            algorithm: algorithm ?? .rs256)
        return (client, secretFile, caFile)
    }

    private func webhook(
        _ reader: inout ConfigurationReader, _ key: String
    ) -> (settings: WebhookSettings?, secretFile: String?, caFile: String?) {
        let isGiven = reader.has(key)
        let url = reader.text("\(key).url")
        let file = reader.text("\(key).secretFile").map { Paths.resolve($0, in: folder) }
        let caFile = reader.text("\(key).caFile").map { Paths.resolve($0, in: folder) }
        let events = reader.texts("\(key).events")
        let names = WebhookEvent.Name.allCases.filter { $0 != .test }
        for event in events where !names.contains(where: { $0.rawValue == event }) {
            let known = names.map(\.rawValue).joined(separator: ", ")
            reader.addProblem("\(key).events", "\"\(event)\" is no event; there are \(known)")
        }
        guard isGiven else { return (nil, nil, nil) }
        if let caFile, TextFile.read(caFile) == nil { reader.addProblem("\(key).caFile", "\(caFile) cannot be read") }
        guard let url else {
            reader.addProblem("\(key).url", "is missing: where events are sent")
            return (nil, nil, nil)
        }
        if let problem = Self.problem(with: url) { reader.addProblem("\(key).url", problem) }
        if file == nil {
            reader.addProblem(
                "\(key).secretFile", "is missing: a file of mode 0600 with the secret that signs, whsec_…")
        }
        let chosen = events.compactMap(WebhookEvent.Name.init(rawValue:))
        return (WebhookSettings(url: url, events: chosen.isEmpty ? nil : Set(chosen)), file, caFile)
    }

    /// Why events must not be sent to an address; nil when they may.
    private static func problem(with url: String) -> String? {
        switch WebAddress.problem(with: url) {
        case .insecure: "must be https: it tells who lost a phone (http is for loopback)"
        case let problem: problem?.description
        }
    }
}
