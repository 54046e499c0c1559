import SMTP
import Support
import Testing

/// libcurl hands every byte on to the relay, so hostile ones must end before it: one RCPT reaches the peer, or nothing.
@Suite struct InjectionTests {
    static let tails = [
        "\r", "\n", "\r\n", "\0", "\u{2028}", "\u{2029}", "\u{85}", "\u{0B}", "\u{7F}", "\t",
        "\r\nRCPT TO:<evil@evil.example>", "\nRCPT TO:<evil@evil.example>", "\rRCPT TO:<evil@evil.example>",
        ">\r\nRCPT TO:<evil@evil.example", "> SIZE=1", "> NOTIFY=NEVER", ">,<evil@evil.example>", ",evil@evil.example",
        " evil@evil.example", ";evil@evil.example", "\r\nBcc: evil@evil.example", "\r\n\r\nisi palsu",
        "\r\n.\r\nQUIT\r\n",
    ]
    static let addresses =
        tails.flatMap { ["siti@bank.example\($0)", "siti\($0)@bank.example", "\($0)siti@bank.example"] } + [
            "\"siti\"@bank.example", "\"siti\r\n\"@bank.example", "\"a b\"@bank.example", "<siti@bank.example>",
            "<siti@bank.example", "siti@bank.example>", "siti@[127.0.0.1]", "siti(komentar)@bank.example",
            "siti@bank@example",
            "sìti@bank.example", "siti@bänk.example", "siti@bank.example\u{301}", "@bank.example", "siti@", "siti", "",
            "siti@-bank.example", "siti@bank..example", ".siti@bank.example", "siti.@bank.example",
            "si..ti@bank.example",
        ]

    @Test(arguments: addresses)
    func `a hostile recipient or sender makes no message`(address: String) throws {
        #expect(throws: MessageError.self) { try sampleMessage(recipient: address) }
        #expect(throws: MessageError.self) { try sampleMessage(sender: address) }
    }

    @Test(arguments: tails)
    func `a hostile header value or name makes no message, or a harmless one`(tail: String) throws {
        let peer = try ScriptedRelay()
        let courier = SMTPClient(to: try loopbackRelay(peer.port))
        let attempts: [() throws -> Message] = [
            { try sampleMessage(subject: "Halo\(tail)") },
            { try sampleMessage(subject: "Halo\(tail)é") },
            { try sampleMessage(extra: [Header("Reply-To", "Siti\(tail) <siti@bank.example>")]) },
            { try sampleMessage(extra: [Header("Reply-To", "siti@bank.example\(tail)")]) },
            { try sampleMessage(extra: [Header("X-Asal", "a\(tail)b")]) },
            { try sampleMessage(extra: [Header("X-Asal\(tail)", "a")]) },
        ]
        for attempt in attempts {
            guard let message = try? attempt() else { continue }
            let before = peer.journal.commands("RCPT").count
            #expect(courier.send(message).status == .delivered)
            #expect(peer.journal.commands("RCPT").count == before + 1)
            let header = try #require(peer.journal.messages.last?.split(separator: "\r\n\r\n").first)
            let names = header.split(separator: "\r\n").filter { !$0.hasPrefix(" ") }.map { $0.prefix { $0 != ":" } }
            #expect(
                names.allSatisfy {
                    [
                        "From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "Reply-To", "X-Asal",
                        "Content-Type", "MIME-Version",
                    ].contains($0)
                }, "\(names)")
        }
        #expect(peer.journal.commands("RCPT").allSatisfy { $0 == "RCPT TO:<siti@bank.example>" })
        #expect(peer.journal.commands("MAIL").allSatisfy { $0.hasPrefix("MAIL FROM:<bounces@pulih.example>") })
    }

    @Test(arguments: ["\n.\n", "\r.\r", "\r\n.\r\n", "\n.\r\n", "\r\n.\n", "\r.\n", ".\r\n", "\u{2028}.\u{2028}"])
    func `no body ends the message early`(ending: String) throws {
        let smuggled =
            "Halo\(ending)MAIL FROM:<evil@evil.example>\(ending)RCPT TO:<evil@evil.example>\(ending)DATA\(ending)"
        let peer = try ScriptedRelay()
        let message = try sampleMessage(text: smuggled, html: smuggled)
        #expect(SMTPClient(to: try loopbackRelay(peer.port)).send(message).status == .delivered)
        #expect(peer.journal.waitFor("QUIT"))
        #expect(peer.journal.commands.map { $0.prefix(4) } == ["EHLO", "MAIL", "RCPT", "DATA", "QUIT"])
        let lines = peer.journal.messages[0].split(separator: "\r\n", omittingEmptySubsequences: false)
        #expect(lines.allSatisfy { !$0.utf8.contains(0x0A) && !$0.utf8.contains(0x0D) && !$0.hasPrefix(".") })
    }

    @Test func `the one byte that may stand anywhere in an address is an atom byte`() {
        let atoms = Set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789!#$%&'*+-/=?^_`{|}~.".utf8)
        for byte in UInt8.min...UInt8.max {
            let address = "si\(String(decoding: [byte], as: UTF8.self))ti@bank.example"
            let isTaken = (try? EmailAddress(address)) != nil
            #expect(isTaken == atoms.contains(byte), "0x\(String(byte, radix: 16))")
        }
    }

    @Test func `a NUL in a body makes no message`() {
        #expect(throws: MessageError.nulInBody) { try sampleMessage(text: "a\0b") }
        #expect(throws: MessageError.nulInBody) { try sampleMessage(html: "a\0b") }
    }

    @Test(arguments: [
        "250 ok\u{1B}[31m", "250 ok\u{7}", "250 a\u{85}b", "250 a\u{2028}b",
        "250 " + String(repeating: "é", count: 400),
    ])
    func `the relay's words reach the log as one short line`(reply: String) throws {
        let (outcomes, _) = try outcomes { $0.verb == "." ? [.say(reply)] : nil }
        #expect(outcomes[0].status == .delivered)
        #expect(outcomes[0].reply.utf8.count <= 500)
        #expect(
            !outcomes[0].explanation.unicodeScalars.contains {
                [.control, .lineSeparator].contains($0.properties.generalCategory)
            })
    }
}
