import CommandLine
import Cryptography
package import Domain

/// What the demo prints: where to click and what to type.
package struct DemoInstructions {
    let people: [DemoAccounts.Person]
    let ports: DemoPorts
    /// The demo's configuration.
    let file: String
    let examples: DemoExamples

    package init(people: [DemoAccounts.Person], ports: DemoPorts, file: String, examples: DemoExamples) {
        (self.people, self.ports, self.file, self.examples) = (people, ports, file, examples)
    }

    /// - Parameter now: whose codes are shown.
    package func text(at now: Instant) -> String {
        """

        Pulih demo. Everything runs on this machine and is deleted when it ends.

          Portal       http://127.0.0.1:\(ports.portal)/
          Reset form   http://127.0.0.1:\(ports.portal)/reset
          Inbox        http://127.0.0.1:\(ports.operations)/inbox   the mails, as received over SMTP
          Queue        http://127.0.0.1:\(ports.operations)/        what the worker does
          Application  \(applicationPlace)
          Notice board \(noticeBoardPlace)

        \(table(at: now).split(separator: "\n").map { "  \($0)" }.joined(separator: "\n"))

        \(steps.joined(separator: "\n"))

        In another terminal: pulih queue status --config \(file)
        Ctrl-C ends the demo.

        """
    }

    private func table(at now: Instant) -> String {
        let step = TOTP.step(at: now.milliseconds, period: TOTPParameters.standard.period)
        let rows = people.map { person in
            [
                person.account.userID.text, person.password, person.account.email.text, person.account.userType,
                person.authenticator.map { TOTP.code(secret: $0.secret, parameters: .standard, step: step) } ?? "-",
                person.authenticator?.secret.base32 ?? "(none yet: it is to be activated)",
            ]
        }
        return TextTable.rows(["USER ID", "PASSWORD", "EMAIL", "TIPE USER", "CODE NOW", "SECRET"], rows)
    }

    private var applicationPlace: String {
        examples.application == nil
            ? "(not started: it needs python3 and the examples of Pulih)"
            : "http://127.0.0.1:\(ports.application)/        a program with a login of its own, which asks Pulih for codes"
    }

    private var noticeBoardPlace: String {
        examples.noticeBoard == nil
            ? "(not started: it needs python3, nginx and the examples of Pulih)"
            : "http://\(DemoNoticeBoard.host(ports))/  a program without any login, behind nginx, which asks Pulih who comes in"
    }

    /// What to try, in order.
    private var steps: [String] {
        let outside = """
            Outside    log in to the application as budi, same password, with a code; press LOGOUT, then "Reset TOTP?" there,
                       open the mail in the inbox and its link, and log in to the application again: no code is asked for.
            """
        let behind = """
            Behind     open the notice board: it is Pulih that asks who you are, and then leads back to it. Once logged in at the
                       portal the board opens unasked, from "Beranda" too. "Keluar" on the board logs out of both.
            """
        return [
            """
            Activate   log in as sari, press ENABLE TOTP, scan the QR code with an authenticator app, press LOGOUT,
                       log in again with its code.
            Reset      say that budi lost the phone: LOGIN, User ID budi, "Reset TOTP?", then the mail in the inbox.
            """,
            examples.application.map { _ in outside },
            examples.noticeBoard.map { _ in behind },
            "Codes      oathtool --totp --base32 SECRET shows what budi's phone would.",
        ].compactMap { $0 }
    }
}
