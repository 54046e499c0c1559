import Cryptography
import Domain
import Foundation
import Support
import Testing

@Suite("Letters")
struct MailComposerTests {
    private static let now = Instant(milliseconds: 1_795_420_800_000)

    private func writer(publicURL: String = "https://masuk.example.org") -> MailComposer {
        MailComposer(
            settings: .init(
                publicURL: publicURL, zone: .wib, helpdesk: "helpdesk@example.org", linkLifetime: .minutes(30)),
            links: ResetLinks(key: ResetScene.key))
    }

    private func account(_ language: Language) -> Account {
        Account(
            id: 5, userID: "budi", userType: "penyedia", email: "budi@example.org", language: language, isActive: true,
            totp: .active, generation: 1, createdAt: Self.now)
    }

    private let request = ResetRequest(
        id: "AAAAAAAAAAAAAAAAAAAAAA", account: 5, generation: 1, job: 9, state: .open, requestedAt: now,
        expiresAt: now + .minutes(30), address: nil)

    private func job(_ kind: JobKind) -> Job {
        Job(
            id: 9, kind: kind.rawValue, state: .running, payload: nil, createdAt: Self.now, runAt: Self.now, token: 3,
            attempts: 3, unknowns: 1, leaseUntil: nil, worker: nil, outcome: nil, reason: nil, finishedAt: nil)
    }

    @Test("The link's letter: to the stored address, link and way out, times in the account's language")
    func resetLink() {
        let letter = writer().resetLink(request, to: account(.indonesian))
        let token = ResetLinks(key: ResetScene.key).token(for: request)
        #expect(letter.recipient == "budi@example.org")
        #expect(letter.template == .resetLink && letter.language == .indonesian)
        #expect(letter.messageID == "AAAAAAAAAAAAAAAAAAAAAA@masuk.example.org")
        #expect(letter.date == Self.now)
        #expect(
            letter.values == [
                "user_id": "budi", "service": "Pulih", "helpdesk": "helpdesk@example.org",
                "public_url": "https://masuk.example.org", "link": "https://masuk.example.org/reset/\(token)",
                "cancel_link": "https://masuk.example.org/reset/\(token)/cancel",
                "requested_at": "Senin, 23 November 2026 pukul 15.00 WIB", "requested_from": "-",
                "expires_at": "Senin, 23 November 2026 pukul 15.30 WIB", "lifetime_minutes": "30",
            ])
        #expect(
            writer().resetLink(request, to: account(.english)).values["expires_at"]
                == "Monday, 23 November 2026, 15:30 WIB")
    }

    @Test("A notice tells when and from where, and carries no link", arguments: Notice.allCases)
    func notice(notice: Notice) {
        let payload = NoticePayload(account: 5, at: Self.now, address: "192.0.2.9")
        let letter = writer().notice(notice, payload, job: job(notice.kind), to: account(.english))
        #expect(letter.template.rawValue == notice.rawValue)
        #expect(letter.language == .english)
        #expect(letter.values["at"] == "Monday, 23 November 2026, 15:00 WIB")
        #expect(letter.values["from"] == "192.0.2.9")
        #expect(letter.messageID == "notice-9-\(Self.now)@masuk.example.org")
        #expect(letter.recipient == "budi@example.org")
        for name in ["link", "remaining", "is_running_out"] { #expect(letter.values[name] == nil) }
    }

    @Test("A kind is a notice or it is not, and a notice is one kind")
    func kinds() {
        #expect(Notice.allCases.map(\.kind).map(\.notice) == Notice.allCases)
        #expect(Notice.allCases.map(\.kind.rawValue) == Notice.allCases.map(\.rawValue))
        #expect(JobKind.allCases.filter { $0.notice == nil } == [.resetRequest, .mailTest, .webhook, .logout])
    }

    @Test(
        "A notice of a recovery code tells how many are left, and when they run out",
        arguments: [(7, nil), (3, nil), (2, "yes"), (0, "yes")])
    func remaining(count: Int, isRunningOut: String?) {
        let payload = NoticePayload(account: 5, at: Self.now, address: "192.0.2.9", remaining: count)
        let letter = writer().notice(.recovery, payload, job: job(.recoveryNotice), to: account(.indonesian))
        #expect(letter.values["remaining"] == "\(count)")
        #expect(letter.values["is_running_out"] == isRunningOut)
    }

    @Test("A payload that was queued before there were recovery codes is read, and one without them is the same text")
    func oldPayload() throws {
        let old = #"{"account":5,"address":"192.0.2.9","at":7}"#
        let payload = try JSONDecoder().decode(NoticePayload.self, from: Data(old.utf8))
        #expect(payload == NoticePayload(account: 5, at: Instant(milliseconds: 7), address: "192.0.2.9"))
        let job = try payload.job(for: .failures, at: Self.now)
        #expect(job.kind == "failure-notice" && !job.payload.contains("remaining"))
    }

    @Test("The test mail goes where it was told to, in the language of the house")
    func test() {
        let letter = writer().test(MailTestPayload(to: "ops@example.com"), job: job(.mailTest), language: .english)
        #expect(letter.recipient == "ops@example.com")
        #expect(letter.messageID == "test-9-\(Self.now)@masuk.example.org")
        #expect(letter.values["host"] == "masuk.example.org")
    }

    @Test(
        "The right side of a Message-ID is the public host",
        arguments: [
            ("https://masuk.example.org", "masuk.example.org"), ("http://localhost:8080", "localhost"),
            ("https://masuk.example.org:8443/pulih", "masuk.example.org"), ("http://127.0.0.1:9", "127.0.0.1"),
            ("http://[::1]:8080", "localhost"), ("nonsense", "localhost"), ("", "localhost"),
        ])
    func host(publicURL: String, host: String) {
        let letter = writer(publicURL: publicURL).resetLink(request, to: account(.english))
        #expect(letter.messageID.hasSuffix("@\(host)"), "\(letter.messageID)")
    }

    @Test("A job later than its creation is scheduled, all others are ready")
    func newJobs() throws {
        let job = try NewJob(.mailTest, payload: MailTestPayload(to: "ops@example.com"), at: Self.now)
        #expect(
            job
                == NewJob(
                    kind: "mail-test", payload: #"{"to":"ops@example.com"}"#, createdAt: Self.now, runAt: Self.now))
    }

    @Test("A seal is bound to account and generation")
    func sealContext() {
        #expect(SealContext.context(account: 1, generation: 11) != SealContext.context(account: 11, generation: 1))
    }
}
