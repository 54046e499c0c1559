package import Configuration
package import Cryptography
package import Domain

// Demo: what `pulih demo` needs besides the real service: a mail server, an inbox to read its mails, two accounts, and the
// examples of applications. Nothing else uses it.

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
}
