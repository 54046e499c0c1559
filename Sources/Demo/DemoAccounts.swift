package import Configuration
import CommandLine
package import Cryptography
package import Domain

// Demo: what `pulih demo` needs besides the real service: a mail server, an inbox to read its mails, two accounts, and the
// example application. Nothing else uses it.

/// The demo's two accounts: one with an authenticator in use, one that is to activate it.
package enum DemoAccounts {
    package struct Person {
        package let account: NewAccount
        package let password: String
        package let authenticator: Authenticator?
    }

    package static func seed(
        _ configuration: Configuration, into store: any Store, at now: Instant, random: any RandomSource
    ) throws -> [Person] {
        let wanted = [
            ("budi", "budi@example.org", "penyedia", Language.indonesian, true),
            ("sari", "sari@example.org", "non-penyedia", Language.english, false),
        ]
        let people = try wanted.compactMap { id, mail, type, language, hasPhone -> Person? in
            guard let userID = UserID(id), let email = EmailAddress(mail) else { return nil }
            let password = Base32.encode(random.bytes(5)).lowercased()
            let hash = try PasswordHasher().hash(Array(password.utf8), random: random)
            let authenticator = Authenticator(secret: TOTPSecret(random: random))
            return Person(
                account: NewAccount(
                    userID: userID, userType: type, email: email, language: language, passwordHash: hash),
                password: password, authenticator: hasPhone ? authenticator : nil)
        }
        let creator = AccountCreator(
            sealer: try KeyRing([.seal], directory: configuration.keysDirectory).sealing, random: random)
        for person in people {
            try store.write { transaction in
                try creator.create(
                    person.account, authenticator: person.authenticator, in: transaction, at: now, by: "operator:demo")
            }
        }
        return people
    }

    /// Where to click and what to type.
    /// - Parameters:
    ///   - file: the demo's configuration.
    ///   - hasApplication: whether the example application runs beside it.
    package static func instructions(
        _ people: [Person], ports: DemoPorts, file: String, hasApplication: Bool, at now: Instant
    ) -> String {
        let rows = people.map { person in
            let step = TOTP.step(at: now.milliseconds, period: TOTPParameters.standard.period)
            return [
                person.account.userID.text, person.password, person.account.email.text, person.account.userType,
                person.authenticator.map { TOTP.code(secret: $0.secret, parameters: .standard, step: step) } ?? "-",
                person.authenticator?.secret.base32 ?? "(none yet: it is to be activated)",
            ]
        }
        let application = hasApplication ? inApplication(ports) : withoutApplication
        let table = TextTable.rows(["USER ID", "PASSWORD", "EMAIL", "TIPE USER", "CODE NOW", "SECRET"], rows)
        return """

            Pulih demo. Everything runs on this machine and is deleted when it ends.

              Portal       http://127.0.0.1:\(ports.portal)/
              Reset form   http://127.0.0.1:\(ports.portal)/reset
              Inbox        http://127.0.0.1:\(ports.operations)/inbox   the mails, as received over SMTP
              Queue        http://127.0.0.1:\(ports.operations)/        what the worker does
              Application  \(application.place)

            \(table.split(separator: "\n").map { "  \($0)" }.joined(separator: "\n"))

            Activate   log in as sari, press ENABLE TOTP, scan the QR code with an authenticator app, press LOGOUT,
                       log in again with its code.
            Reset      say that budi lost the phone: LOGIN, User ID budi, "Reset TOTP?", then the mail in the inbox.
            \(application.steps)
            Codes      oathtool --totp --base32 SECRET shows what budi's phone would.

            In another terminal: pulih queue status --config \(file)
            Ctrl-C ends the demo.

            """
    }

    private static func inApplication(_ ports: DemoPorts) -> (place: String, steps: String) {
        (
            "http://127.0.0.1:\(ports.application)/        a program with a login of its own, which asks Pulih for codes",
            """
            Outside    log in to the application as budi, same password, with a code; press LOGOUT, then "Reset TOTP?" there,
                       open the mail in the inbox and its link, and log in to the application again: no code is asked for.
            """
        )
    }

    private static var withoutApplication: (place: String, steps: String) {
        ("(not started: it needs python3 and the examples of Pulih)", "")
    }
}
