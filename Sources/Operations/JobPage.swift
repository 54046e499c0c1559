import Domain
import HTTPServer
import Mustache
import Pages

/// One job, and what an operator may do to it.
extension Operations {
    func showJob(_ id: String, _ request: Request) throws -> Response {
        guard let id = JobID.read(id) else { throw Refusal.unknownJob }
        let visitor = pages.visitor(request)
        let words = pages.words(for: visitor)
        let now = clock.now()
        let view = try storage.read { try JobView(id, in: $0) }
        guard let view else { throw Refusal.unknownJob }
        let context = JobContext(words: words, moments: Moments(visitor.language, words, zone: zone, now: now))
        let csrf = forms.token(for: Self.purpose, subject: "\(id)", at: now)
        return pages.draw(
            .job, title: words.sentence("job", ["id": "\(id)"]), for: visitor,
            navigation.context(words, current: nil).merging(context.values(view, csrf: csrf)) { $1 })
    }

    /// Changes a job's state if it is still one that the change starts from, with the audit event in the same
    /// transaction.
    func change(_ id: String, _ change: JobChange, _ request: Request) throws -> Response {
        guard let id = JobID.read(id) else { throw Refusal.unknownJob }
        let now = clock.now()
        let back = (href: "/jobs/\(id)", label: "next.job")
        guard forms.accepts(try request.form().optional("csrf") ?? "", for: Self.purpose, subject: "\(id)", at: now)
        else {
            return answer(Refusal(403, "The form has expired.", trouble: .formExpired), request, next: back)
        }
        let address = request.peerAddress
        let actor = Operator(name: Self.actor, address: address)
        let result = try storage.write { try JobDesk.change(id, change, in: $0, at: now, by: actor, why: "") }
        switch result {
        case .unknown: throw Refusal.unknownJob
        case .late(let state):
            return answer(Refusal(409, "The job is \(state.rawValue) now."), request, next: back)
        case .done(let state):
            journal.note(
                .info, "job.changed",
                ["job": "\(id)", "change": change.rawValue, "from": state.rawValue, "address": address])
            return .redirect(to: back.href)
        }
    }

    /// Both buttons of a job's page carry the same token: whoever may press one may press the other.
    private static let purpose = "job"
    /// There are no names of operators here: the token is one for all. The address tells them apart.
    private static let actor = "operator:web"
}

/// What a job's page is drawn from, read at one moment.
struct JobView: Sendable {
    let row: JobRow
    let attempts: [Attempt]

    init?(_ id: Int64, in store: any Reading) throws {
        guard let job = try store.job(id: id) else { return nil }
        self.init(row: try JobRow(job, in: store), attempts: try store.attempts(job: id))
    }

    init(row: JobRow, attempts: [Attempt]) {
        self.row = row
        self.attempts = attempts
    }
}
