package import Cryptography
package import Domain
import FoundationEssentials

/// Turns a claimed job into a letter, or ends it. Runs inside the transaction that claimed it.
package struct Preparation: Sendable {
    enum Prepared: Sendable {
        case send(Errand)
        case settle(Settlement)
    }

    private let admission: ResetAdmission
    private let writer: LetterWriter
    private let linkLifetime: Span
    private let language: Language
    private let random: any RandomSource

    /// Bytes of payload from which on nobody tries to understand it: a thousand times what ours hold.
    private static let longestPayload = 262_144

    /// - Parameter language: of mails that belong to no account.
    package init(
        admission: ResetAdmission, writer: LetterWriter, linkLifetime: Span, language: Language,
        random: any RandomSource
    ) {
        self.admission = admission
        self.writer = writer
        self.linkLifetime = linkLifetime
        self.language = language
        self.random = random
    }

    func prepare(_ job: Job, in store: any Writing, at now: Instant) throws -> Prepared {
        guard let kind = JobKind(rawValue: job.kind) else {
            return .settle(.dead(outcome: .malformed, reason: "unknown kind; known are \(Self.kinds)"))
        }
        guard (job.payload?.utf8.count ?? 0) <= Self.longestPayload else { return malformed("the payload is too long") }
        let expiry = job.createdAt + kind.lifetime(linkLifetime: linkLifetime)
        guard now < expiry else {
            return .settle(.dead(outcome: .expired, reason: "its time ran out before it could be sent"))
        }
        switch kind {
        case .resetRequest:
            switch try admission.decide(job, in: store, at: now, random: random) {
            case .open(let request, let account):
                return .send(
                    Errand(job: job, kind: kind, expiry: request.expiresAt) { [writer] in
                        writer.resetLink(request, to: account)
                    })
            case .refused(let refusal): return .settle(.done(outcome: .refused, reason: refusal.rawValue))
            case .malformed(let reason): return malformed(reason)
            }
        case .resetNotice, .activationNotice, .disablingNotice, .failureNotice, .recoveryNotice:
            guard let notice = kind.notice, let payload = Self.decode(NoticePayload.self, job) else {
                return malformed("not a notice")
            }
            guard let account = try store.account(id: payload.account) else {
                return .settle(.done(outcome: .refused, reason: "the account is gone"))
            }
            return .send(
                Errand(job: job, kind: kind, expiry: expiry) { [writer] in
                    writer.notice(notice, payload, job: job, to: account)
                })
        case .mailTest:
            guard let payload = Self.decode(TestPayload.self, job), EmailAddress(payload.to) != nil else {
                return malformed("not a test with an address")
            }
            return .send(
                Errand(job: job, kind: kind, expiry: expiry) { [writer, language] in
                    writer.test(payload, job: job, language: language)
                })
        }
    }

    private func malformed(_ reason: String) -> Prepared { .settle(.dead(outcome: .malformed, reason: reason)) }

    private static var kinds: String { JobKind.allCases.map(\.rawValue).joined(separator: ", ") }

    private static func decode<Payload: Decodable>(_ type: Payload.Type, _ job: Job) -> Payload? {
        job.payload.flatMap { try? JSONDecoder().decode(type, from: Data($0.utf8)) }
    }
}
