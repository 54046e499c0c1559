import Cryptography
import Domain
import Support
import Worker

/// A worker on a real store, with a courier and a clock that the test holds in its hands.
final class WorkerScene: Sendable {
    static let lease = Span.seconds(30)

    let scene: ResetScene
    let storage: UnreliableStorage
    let courier: RecordingCourier
    let journal = RecordingJournal()

    var clock: FixedClock { scene.clock }

    init(_ courier: RecordingCourier = RecordingCourier(.delivered)) throws {
        scene = try ResetScene()
        storage = UnreliableStorage(scene.storage)
        self.courier = courier
    }

    /// Starts a worker. The caller stops it.
    func start(
        _ name: String = "worker", lanes: Int = 4, storage: (any Storage)? = nil,
        courier: (any Courier & Sendable)? = nil, clock: (any Domain.Clock)? = nil, journal: RecordingJournal? = nil
    ) throws -> Worker {
        let house = LetterWriter.House(
            publicURL: "https://masuk.example.org", zone: .wib, helpdesk: "helpdesk@example.org",
            linkLifetime: ResetScene.linkLifetime)
        let courier = courier ?? self.courier
        return Worker(
            .init(name: name, lanes: lanes, lease: Self.lease), storage: storage ?? self.storage,
            preparation: Preparation(
                admission: scene.admission, writer: LetterWriter(house: house, links: scene.links),
                linkLifetime: ResetScene.linkLifetime, language: .english, random: scene.random),
            templates: try Self.templates(), clock: clock ?? scene.clock, random: scene.random,
            journal: journal ?? self.journal
        ) { courier }
    }

    /// Runs `body` beside a worker and stops it.
    @discardableResult
    func working<Result>(lanes: Int = 4, _ body: (Worker) throws -> Result) throws -> Result {
        let worker = try start(lanes: lanes)
        defer { worker.stop() }
        return try body(worker)
    }

    /// Moves the clock to where a waiting job is due.
    func advance(to job: Int64) throws {
        clock.set(max(try scene.job(job).runAt, clock.now()))
    }

    static func templates() throws -> MailTemplates {
        try MailTemplates { file in
            if file.hasSuffix("reset-link.txt") { return "{{{user_id}}} {{{link}}} {{{cancel_link}}} {{{expires_at}}}" }
            if file.hasSuffix("reset-link.html") { return "<a href=\"{{link}}\">{{user_id}}</a>" }
            if file.hasSuffix("recovery-notice.txt") || file.hasSuffix("recovery-notice.html") {
                return "{{at}} {{from}}{{#remaining}} {{remaining}} left{{/remaining}}"
            }
            if file.hasSuffix("-notice.txt") || file.hasSuffix("-notice.html") { return "{{at}} {{from}}" }
            return "{{service}} \(file)\n"
        }
    }
}
