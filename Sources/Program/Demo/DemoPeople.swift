import Cryptography
import Domain
import Store

/// The demo's two accounts.
enum DemoPeople {
    struct Person {
        let account: NewAccount
        let secret: TOTPSecret
    }

    static func seed(
        _ configuration: Configuration, clock: any Clock, random: any RandomSource
    ) throws -> [Person] {
        let wanted = [
            ("budi", "budi@example.org", "penyedia", Language.indonesian),
            ("sari", "sari@example.org", "non-penyedia", Language.english),
        ]
        let people = wanted.compactMap { id, mail, type, language -> Person? in
            guard let userID = UserID(id), let email = EmailAddress(mail) else { return nil }
            return Person(
                account: NewAccount(
                    userID: userID, userType: type, email: email, language: language, passwordHash: nil),
                secret: TOTPSecret(random: random))
        }
        let maker = AccountMaker(sealer: try KeyRing(directory: configuration.keysDirectory).sealer(), random: random)
        let database = try Database(path: configuration.databasePath, clock: clock)
        defer { database.close() }
        let now = clock.now()
        for person in people {
            try database.write { store in
                try maker.make(person.account, secret: person.secret, in: store, at: now, by: "operator:demo")
            }
        }
        return people
    }

    /// Where to click and what to type.
    static func welcome(_ people: [Person], port: Int, file: String, at now: Instant) -> String {
        let rows = people.map { person in
            let step = TOTP.step(at: now.milliseconds, period: TOTPParameters.standard.period)
            return [
                person.account.userID.text, person.account.email.text, person.account.userType,
                person.account.language.rawValue,
                TOTP.code(secret: person.secret, parameters: .standard, step: step), person.secret.base32,
            ]
        }
        let table = TextTable.rows(["USER ID", "EMAIL", "TIPE USER", "LANGUAGE", "CODE NOW", "SECRET"], rows)
        return """

            Pulih demo. Everything runs on this machine and is deleted when it ends.

              Portal      http://127.0.0.1:\(port)/
              Reset form  http://127.0.0.1:\(port)/reset
              Inbox       http://127.0.0.1:\(port + 1)/inbox   the mails, as received over SMTP
              Queue       http://127.0.0.1:\(port + 1)/        what the worker does

            \(table.split(separator: "\n").map { "  \($0)" }.joined(separator: "\n"))

            Try it: open the reset form, ask for a reset for budi, open the mail in the inbox, press "Reset TOTP".
            In another terminal: pulih queue status --config \(file)
            Ctrl-C ends the demo.

            """
    }
}
