import CommandLine
import Configuration
package import Cryptography
package import Domain
import FoundationEssentials

/// The demo's application: the example that comes with Pulih, which has a login of its own and asks for codes over the API.
package final class DemoApplication {
    /// Where its files are, all in the demo's folder.
    private struct Files {
        let folder: String

        var key: String { "\(folder)/application.key" }
        var accounts: String { "\(folder)/application.csv" }
        var database: String { "\(folder)/application.db" }
        var log: String { "\(folder)/application.log" }
        /// What its events are signed with, also for the configuration.
        var secret: String { "\(folder)/\(DemoApplication.webhookSecret)" }
    }

    private static let id = "e-katalog"
    /// The file, beside the configuration, with what events are signed with.
    private static let webhookSecret = "application.secret"

    private let process: DemoProcess

    /// What the configuration says of it.
    static func configuration(_ ports: DemoPorts) -> String {
        let url = "http://127.0.0.1:\(ports.application)/webhooks/pulih"
        return """
            { id: "\(id)", name: "e-Katalog", webhook: { url: "\(url)", secretFile: "\(webhookSecret)" } }
            """
    }

    /// Makes what it needs: a key of the API, the secret that its events are signed with, and the demo's people with their
    /// passwords, as it takes accounts over.
    package static func prepare(
        in folder: String, people: [DemoAccounts.Person], store: any Store, at now: Instant, random: any RandomSource
    ) throws {
        let files = Files(folder: folder)
        let key = ApplicationKeyText(random: random)
        try store.write {
            try $0.insert(
                ApplicationKey(
                    id: key.id, application: id, scopes: Set(ApplicationScope.allCases), digest: key.digest,
                    createdAt: now))
        }
        try SecretFile.create(files.key, lines: [key.text])
        try SecretFile.create(files.secret, lines: ["whsec_\(Data(random.bytes(32)).base64EncodedString())"])
        try SecretFile.create(
            files.accounts,
            lines: people.map { person in
                let account = person.account
                return "\(account.userID.text),\(account.email.text),\(account.userType),\(person.password)"
            })
    }

    /// Starts it; the API must answer already.
    /// - Parameter program: the example's file.
    package init(_ program: String, folder: String, ports: DemoPorts) throws {
        let files = Files(folder: folder)
        func command(_ name: String) -> [String] {
            [
                DemoExamples.python, program, name, "--api", "http://127.0.0.1:\(ports.api)", "--key-file", files.key,
                "--webhook-secret-file", files.secret, "--database", files.database,
                "--listen", "127.0.0.1:\(ports.application)",
            ]
        }
        guard try DemoProcess(command("import"), input: files.accounts, log: files.log).succeeds() else {
            throw CommandError(
                "The demo's application (\(program)) could not take over its accounts.",
                detail: TextFile.read(files.log) ?? "")
        }
        process = try DemoProcess(command("serve"), log: files.log)
        try process.waitUntilItAnswers(on: ports.application)
    }

    package func stop() { process.stop() }
}
