import Foundation
import Support
import Testing

/// What goes wrong on the way of a mail, and that nothing is lost or done twice by it.
@Suite
struct MailFaultTests {
    private let budi = Installation.budi

    @Test("A relay that is down at first: the request waits, no attempt is spent, the mail goes when the relay is back")
    func relayDownAtFirst() throws {
        let installation = try Installation()
        try installation.mail.stop()
        let service = try installation.start()
        #expect(try installation.ask(for: budi).status == 303)
        try service.waitForLine { $0.contains("event=relay.paused") }
        let waiting = try installation.waitForJob(in: "scheduled", of: service)
        #expect(waiting.attempts == 0)
        try installation.mail.start()
        _ = try installation.resetMail(to: budi)
        let done = try installation.waitForJob(in: "done", of: service)
        #expect(done.outcome == "mailed")
        #expect(done.attempts == 1)
        try service.stop(timeout: .seconds(15))
    }

    @Test("450 and then 250: the same link and the same Message-ID come through")
    func temporaryRefusal() throws {
        let installation = try Installation()
        try installation.mail.follow([.answer("450 4.2.0 Greylisted", at: .body, times: 1)])
        let service = try installation.start()
        #expect(try installation.ask(for: budi).status == 303)
        let messages = try installation.mail.waitForMessages(2, timeout: .seconds(20)) { _ in true }
        let (first, second) = (try messages[0].parsed(), try messages[1].parsed())
        #expect(first.header("Message-ID") == second.header("Message-ID"))
        #expect(first.header("Date") == second.header("Date"))
        #expect(first.links(in: .text) == second.links(in: .text))
        let done = try installation.waitForJob(in: "done", of: service)
        #expect(done.attempts == 2)
        #expect(try installation.job(done.id).tries?.map(\.verdict) == ["temporary", "delivered"])
        try service.stop(timeout: .seconds(15))
    }

    @Test("550 at RCPT: dead at once, and it stays dead")
    func permanentRefusal() throws {
        let installation = try Installation()
        try installation.mail.follow([.answer("550 5.1.1 No such mailbox", at: .recipient, recipient: budi.email)])
        let service = try installation.start()
        #expect(try installation.ask(for: budi).status == 303)
        let dead = try installation.waitForJob(in: "dead", of: service)
        #expect(dead.outcome == "rejected")
        #expect(dead.reason?.contains("No such mailbox") == true)
        // The next mail goes out over the same worker, and the dead one is not tried again.
        #expect(try installation.ask(for: Installation.sari).status == 303)
        _ = try installation.resetMail(to: Installation.sari)
        #expect(installation.mail.refusals.filter { $0.stage == .recipient }.count == 1)
        #expect(try installation.job(dead.id).state == "dead")
        try service.stop(timeout: .seconds(15))
    }

    @Test("A relay that dies after the body: sent once more with the same link, and counted")
    func unknownEnd() throws {
        let installation = try Installation()
        try installation.mail.follow([.disconnect(at: .body, times: 1)])
        let service = try installation.start()
        #expect(try installation.ask(for: budi).status == 303)
        let messages = try installation.mail.waitForMessages(2, timeout: .seconds(20)) { _ in true }
        #expect(try messages[0].parsed().links(in: .text) == messages[1].parsed().links(in: .text))
        #expect(try messages[0].parsed().header("Message-ID") == messages[1].parsed().header("Message-ID"))
        let done = try installation.waitForJob(in: "done", of: service)
        #expect(done.unknowns == 1)
        #expect(try installation.job(done.id).tries?.map(\.verdict) == ["unknown", "delivered"])
        try service.stop(timeout: .seconds(15))
    }

    @Test("A wrong relay password: nothing is sent, no attempt is spent, the reason is told, and the password is not")
    func wrongPassword() throws {
        let installation = try Installation(password: "not-the-password-9b1c")
        let service = try installation.start()
        #expect(try installation.ask(for: budi).status == 303)
        let line = try service.waitForLine { $0.contains("event=relay.paused") }
        #expect(line.text.contains("535"))
        let waiting = try installation.waitForJob(in: "scheduled", of: service)
        #expect(waiting.attempts == 0)
        #expect(installation.mail.messages.isEmpty)
        let check = try installation.run("check", "--smtp")
        #expect(check.exit == .code(1))
        #expect(check.output.contains("FAULT relay:"))
        let test = try installation.run("mail", "test", "--to", "x@example.org", "--wait", "2")
        #expect(test.exit == .code(1))
        try service.stop(timeout: .seconds(15))
        for text in [service.transcript, check.output, test.error] { #expect(!text.contains("not-the-password-9b1c")) }
    }
}
