import Bounces
import CommandLine
import Configuration
import Domain
import Store

/// `pulih mail bounced`: the mail system hands over what came to a return address. It opens the database and no key, and
/// sends nothing.
enum MailBouncedCommand {
    /// What mail systems take for "try again later" (EX_TEMPFAIL of sysexits.h).
    private static let later: Int32 = 75

    static let command = Command(
        "mail bounced",
        summary: "Read a mail that came back from standard input, and mark the job whose mail could not be delivered",
        options: [
            Commands.config, .init("recipient", "ADDRESS", "the address it came to, as the mail system knows it"),
        ]
    ) { invocation in
        // All of it, whatever follows: a mail system takes a closed pipe for a failure.
        let mail = ReturnedMail(StandardInput.read(atMost: ReturnedMail.mostBytes))
        do {
            let answer = try answer(mail, invocation)
            Console.line(answer.words)
            return answer.isFinal ? 0 : later
        } catch let error as any PresentableError where !(error is UsageError) {
            // Nothing that the mail system could tell its sender: the bounce waits until we can be reached again.
            Console.printError("pulih: \(error.sentence)")
            if !error.detail.isEmpty { Console.printError(error.detail) }
            return later
        }
    }

    /// What became of the mail, and whether that is all: the mail system must not send a bounce for a bounce.
    private struct Answer {
        let words: String
        var isFinal = true
    }

    private static func answer(_ mail: ReturnedMail, _ invocation: Invocation) throws -> Answer {
        guard let mailbox = try invocation.configuration().mail.bounce else {
            throw CommandError("mail.bounce is not configured: no mail was sent that could come back here.")
        }
        let recipients = [invocation["recipient"]].compactMap { $0 } + mail.recipients
        guard let address = recipients.lazy.compactMap(mailbox.read).first else {
            return unchanged("It came to no return address of \(mailbox.text)")
        }
        switch mail.meaning {
        case .failed(let report): return try mark(address, report, invocation)
        case .delayed(let report):
            return try note(address, "is delayed and still tried: \(report.line)", invocation)
        case .delivered: return try note(address, "was delivered", invocation)
        case .automaticReply: return unchanged("It is an automatic reply and no bounce")
        case .unknown: return unchanged("It holds no delivery report that can be read")
        }
    }

    private static func mark(
        _ address: ReturnAddress, _ report: ReturnedMail.Report, _ invocation: Invocation
    ) throws -> Answer {
        let change = try invocation.withDatabase { database, _ in
            try database.write { transaction in
                try BounceHandling.apply(
                    address, status: report.status, words: report.words, in: transaction, at: database.clock.now())
            }
        }
        switch change {
        case .bounced(let job): return Answer(words: "The mail of job \(job.id) has bounced: \(report.line)")
        case .repeated(let job): return unchanged("The mail of job \(job.id) has bounced before")
        case .unsettled(let job) where job.state == .discarded: return unchanged("Job \(job.id) is discarded")
        case .unsettled(let job):
            return Answer(
                words: "Job \(job.id) is \(job.state.rawValue), and its mail came back already: try again later.",
                isFinal: false)
        case .noJob: return noJob(address)
        case .forged: return forged(address)
        }
    }

    /// Tells something of a mail, if it is one that we sent, and changes nothing.
    private static func note(_ address: ReturnAddress, _ words: String, _ invocation: Invocation) throws -> Answer {
        let result = try invocation.withDatabase { database, _ in
            try database.read { try BounceHandling.check(address, in: $0) }
        }
        switch result {
        case .genuine(let job): return unchanged("The mail of job \(job.id) \(words)")
        case .noJob: return noJob(address)
        case .forged: return forged(address)
        }
    }

    private static func noJob(_ address: ReturnAddress) -> Answer {
        unchanged("There is no job \(address.job): finished jobs are deleted after 30 days")
    }

    private static func forged(_ address: ReturnAddress) -> Answer {
        unchanged("\(address.text) was never given out")
    }

    private static func unchanged(_ words: String) -> Answer { Answer(words: "\(words). Nothing is changed.") }
}

extension ReturnedMail.Report {
    /// Status and words as the job's reason has them, fit for a terminal.
    fileprivate var line: String { JobText.plain(BounceHandling.reason(status: status, words: words)) }
}
