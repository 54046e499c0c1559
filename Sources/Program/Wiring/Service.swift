import Cryptography
import Domain
import HTTPServer
import Operations
import Pages
import Portal
import SMTP
import Store
import Threading
import Worker

/// The running program: what the configuration asks for, joined together.
final class Service {
    /// The parts of the program; `serve` is all of them.
    enum Role: CaseIterable {
        case portal, worker, operations

        /// The keys that it needs, and no other: the worker, which speaks with the outside, cannot open a secret.
        var keys: Set<KeyRing.Name> {
            switch self {
            case .portal: [.link, .captcha, .form, .seal]
            case .worker: [.link, .captcha]
            case .operations: [.form]
            }
        }
    }

    private let journal: any Journal
    private let database: Database
    private var servers: [Server] = []
    private var worker: Worker?
    private var watcher: (any ChangeWatcher)?
    private let stopSending = StopSignal()
    private let manager: ServiceManager
    private var watchdog: Watchdog?

    /// Where the portal and the operations pages listen; nil when they do not run here.
    private(set) var portalPort: UInt16?
    private(set) var operationsPort: UInt16?

    /// Starts everything, and tells the service manager.
    /// - Parameters:
    ///   - links: to pages that `extend` adds, for the head of the operations pages.
    ///   - extend: adds pages to the operations listener.
    init(
        _ configuration: Configuration, roles: Set<Role>, clock: any Clock, random: any RandomSource,
        journal: any Journal, manager: ServiceManager, links: [Navigation.Link] = [],
        extend: (inout Router, Pages) -> Void = { _, _ in }
    ) throws {
        self.journal = journal
        self.manager = manager
        let parts = try Parts(configuration, for: roles, journal: journal)
        database = try Database(path: configuration.databasePath, clock: clock)
        if let version = SQLiteEngine.exposedVersion {
            journal.note(
                .info, "sqlite.exposed",
                [
                    "version": "\(version)",
                    "reason":
                        "this SQLite can corrupt a database whose log is reset during another's write; Pulih's own "
                        + "processes keep the two apart, other programs should only insert and never checkpoint",
                ])
        }
        if roles.contains(.portal) {
            var listener = try listener(configuration.http)
            listener.trustedProxies = configuration.trustedProxies
            let portal = parts.portal(
                database, clock: clock, random: random, journal: journal, threads: listener.threads)
            let router = portal.router
            portalPort = try serve(
                listener,
                errorPage: { portal.errorPage(status: $0, $1) }, answer: { router.answer($0) })
        }
        if roles.contains(.operations) {
            let operations = try parts.operations(database, clock: clock, journal: journal, links: links)
            var router = operations.router
            extend(&router, parts.templates.pages)
            let extended = router
            operationsPort = try serve(
                try listener(configuration.operations),
                errorPage: { operations.errorPage(status: $0, $1) },
                answer: { operations.answer($0, with: extended) })
        }
        // Last: who cannot listen takes no job and says nowhere that it works.
        if roles.contains(.worker) {
            try startWorker(configuration, parts, clock: clock, random: random)
        }
        manager.ready("Serving \(Self.sentence(roles, configuration)).")
        watchdog = manager.watchdog.map { watch(every: $0) }
    }

    /// Ends in order: nothing new is accepted, requests and mails under way finish, what they brought is written.
    func stop() {
        watchdog?.stop()
        manager.stopping("Finishing what is under way.")
        for server in servers { server.stop(deadline: .seconds(5)) }
        watcher?.close()
        worker?.stop()
        stopSending.raise()
        database.close()
        journal.note(.info, "service.stopped", [:])
    }

    private func startWorker(
        _ configuration: Configuration, _ parts: Parts, clock: any Clock, random: any RandomSource
    ) throws {
        let stop = stopSending
        let relay = try configuration.smtp.relay()
        let worker = Worker(
            Worker.Settings(
                name: ProcessName.current, lanes: configuration.worker.lanes, lease: configuration.worker.lease),
            storage: database, preparation: parts.preparation(random: random), templates: parts.templates.mails,
            clock: clock, random: random, journal: journal
        ) { RelayCourier(configuration, to: relay, stop: stop) }
        self.worker = worker
        database.whenJobsArrive { worker.ring() }
        watcher = try database.watchChanges { worker.ring() }
        worker.ring()
    }

    private func listener(_ listener: Configuration.Listener) throws -> HTTPServer.Configuration {
        var configuration = HTTPServer.Configuration(listen: listener.text)
        configuration.inherited = try listener.inheritedName.map { try manager.socket(named: $0) }
        return configuration
    }

    /// What the service manager shows of us.
    private static func sentence(_ roles: Set<Role>, _ configuration: Configuration) -> String {
        let parts: [(Role, String)] = [
            (.portal, "the portal on \(configuration.http.text)"), (.worker, "the queue"),
            (.operations, "the operations pages on \(configuration.operations.text)"),
        ]
        return parts.filter { roles.contains($0.0) }.map(\.1).joined(separator: ", ")
    }

    private func watch(every interval: Duration) -> Watchdog {
        let (database, manager, journal) = (database, manager, journal)
        // An empty transaction: it waits its turn with the writer and writes nothing. One that fails was answered.
        var parts = [
            Watchdog.Part(name: "writer") {
                try? database.write { _ in }
                return true
            }
        ]
        parts += servers.enumerated().map { number, server in
            Watchdog.Part(name: "http-\(number)") { server.answers(within: interval / 2) }
        }
        if let worker {
            let seen = Monitor(0)
            parts.append(
                Watchdog.Part(name: "dispatcher") {
                    let turns = worker.turns
                    return seen.withLock { seen in
                        defer { seen = turns }
                        return turns != seen
                    }
                })
        }
        return Watchdog(
            parts, interval: interval, alive: { manager.alive() },
            stuck: { names in
                let list = names.joined(separator: ", ")
                manager.status("Stuck: no answer from \(list).")
                journal.note(.error, "service.stuck", ["parts": list])
            })
    }

    private func serve(
        _ configuration: HTTPServer.Configuration, errorPage: @escaping ErrorPage,
        answer: @escaping @Sendable (Request) -> Response
    ) throws -> UInt16 {
        let journal = journal
        let server = try Server(
            configuration: configuration, errorPage: errorPage,
            onIncident: { journal.note(.warning, "http.refused", ["reason": "\($0)"]) }, handler: answer)
        servers.append(server)
        return server.port
    }
}
