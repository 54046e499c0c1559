import Cryptography
import Domain
import Support
import Worker

/// A worker on a real store, with a courier and a clock that the test holds in its hands.
final class WorkerScene: Sendable {
    static let lease = TimeSpan.seconds(30)

    let scene: ResetScene
    let store: UnreliableStore
    let courier: RecordingCourier
    let logger = RecordingLogger()

    var clock: FixedClock { scene.clock }

    /// - Parameter place: of its database.
    init(_ courier: RecordingCourier = RecordingCourier(.delivered), in place: (any EngineFixture)? = nil) throws {
        scene = try place.map { try ResetScene(in: $0) } ?? ResetScene()
        store = UnreliableStore(scene.store)
        self.courier = courier
    }

    /// Starts a worker. The caller stops it.
    func start(
        _ name: String = "worker", lanes: Int = 4, store: (any Store)? = nil,
        courier: (any Courier & Sendable)? = nil, relays: [Worker.Equipment.Relay]? = nil,
        clock: (any Domain.Clock)? = nil, logger: RecordingLogger? = nil, returnAddresses: ReturnAddresses? = nil,
        receivers: [Worker.Equipment.Receiver] = []
    ) throws -> Worker {
        let courier = courier ?? self.courier
        return Worker(
            .init(name: name, lanes: lanes, lease: Self.lease), store: store ?? self.store,
            equipment: try equipment(returnAddresses: returnAddresses, relays: relays, receivers: receivers) {
                courier
            },
            clock: clock ?? scene.clock,
            random: scene.random,
            logger: logger ?? self.logger)
    }

    /// What a worker works with, for the courier that is made here.
    func equipment(
        templates: MailTemplates? = nil, returnAddresses: ReturnAddresses? = nil,
        relays: [Worker.Equipment.Relay]? = nil, receivers: [Worker.Equipment.Receiver] = [],
        courier: @escaping @Sendable () -> any Courier
    ) throws -> Worker.Equipment {
        let settings = MailComposer.Settings(
            publicURL: "https://masuk.example.org", zone: .wib, helpdesk: "helpdesk@example.org",
            linkLifetime: ResetScene.linkLifetime)
        return Worker.Equipment(
            preparer: JobPreparer(
                validation: scene.admission, composer: MailComposer(settings: settings, links: scene.links),
                linkLifetime: ResetScene.linkLifetime, language: .english, random: scene.random,
                returnAddresses: returnAddresses),
            templates: try templates ?? Self.templates(),
            relays: relays ?? [.init(name: "relay.test:25", courier: courier)],
            receivers: receivers)
    }

    /// Runs `body` beside a worker and stops it.
    @discardableResult
    func working<Result>(
        lanes: Int = 4, relays: [Worker.Equipment.Relay]? = nil, _ body: (Worker) throws -> Result
    ) throws -> Result {
        let worker = try start(lanes: lanes, relays: relays)
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
