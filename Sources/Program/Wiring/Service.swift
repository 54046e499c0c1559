import Configuration
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

    private let logger: any Logger
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
        logger: any Logger, manager: ServiceManager, links: [Navigation.Link] = [],
        extend: (inout Router, Pages) -> Void = { _, _ in }
    ) throws {
        self.logger = logger
        self.manager = manager
        let composition = try Composition(configuration, for: roles, logger: logger)
        database = try Database(path: configuration.databasePath, clock: clock)
        if let version = SQLiteEngine.exposedVersion {
            logger.log(
                .info, "sqlite.exposed",
                [
                    "version": "\(version)",
                    "reason":
                        "this SQLite can corrupt a database whose log is reset during another's write; Pulih's own "
                        + "processes keep the two apart, other programs should only insert and never checkpoint",
                ])
        }
        if let warning = try AmbiguousUserIDs.warning(in: database) {
            logger.log(.warning, "accounts.ambiguous", ["reason": warning])
        }
        if roles.contains(.portal) {
            var listener = try listener(configuration.http)
            listener.trustedProxies = configuration.trustedProxies
            let portal = composition.portal(
                database, clock: clock, random: random, logger: logger, threads: listener.threads)
            let router = portal.router
            listener.redirectUnreadable = portal.redirect(unreadable:)
            portalPort = try serve(
                listener,
                errorPage: { portal.errorPage(status: $0, $1) }, answer: { router.answer($0) })
        }
        if roles.contains(.operations) {
            let operations = try composition.operations(database, clock: clock, logger: logger, links: links)
            var router = operations.router
            extend(&router, composition.templates.pages)
            let extended = router
            operationsPort = try serve(
                try listener(configuration.operations),
                errorPage: { operations.errorPage(status: $0, $1) },
                answer: { operations.answer($0, with: extended) })
        }
        // Last: who cannot listen takes no job and says nowhere that it works.
        if roles.contains(.worker) {
            try startWorker(configuration, composition, clock: clock, random: random)
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
        logger.log(.info, "service.stopped", [:])
    }

    private func startWorker(
        _ configuration: Configuration, _ composition: Composition, clock: any Clock, random: any RandomSource
    ) throws {
        let stop = stopSending
        let relay = try configuration.smtp.relay()
        let worker = Worker(
            Worker.Settings(
                name: ProcessName.current, lanes: configuration.worker.lanes, maxLanes: configuration.worker.maxLanes,
                lease: configuration.worker.lease, idleTimeout: configuration.smtp.idleTimeout),
            store: database, preparer: composition.preparer(random: random), templates: composition.templates.mails,
            clock: clock, random: random, logger: logger
        ) { SMTPCourier(configuration, to: relay, stop: stop) }
        self.worker = worker
        database.onJobsReady { worker.wake() }
        watcher = try database.watchChanges { worker.wake() }
        worker.wake()
    }

    private func listener(_ listener: Configuration.Listener) throws -> HTTPServer.ServerSettings {
        var configuration = HTTPServer.ServerSettings(listen: listener.text)
        configuration.inherited = try listener.inheritedName.map { try manager.socket(named: $0) }
        return configuration
    }

    /// What the service manager shows of us.
    private static func sentence(_ roles: Set<Role>, _ configuration: Configuration) -> String {
        let composition: [(Role, String)] = [
            (.portal, "the portal on \(configuration.http.text)"), (.worker, "the queue"),
            (.operations, "the operations pages on \(configuration.operations.text)"),
        ]
        return composition.filter { roles.contains($0.0) }.map(\.1).joined(separator: ", ")
    }

    private func watch(every interval: Duration) -> Watchdog {
        let (database, manager, logger) = (database, manager, logger)
        // An empty transaction: it waits its turn with the writer and writes nothing. One that fails was answered.
        var composition = [
            Watchdog.Component(name: "writer") {
                try? database.write { _ in }
                return true
            }
        ]
        composition += servers.enumerated().map { number, server in
            Watchdog.Component(name: "http-\(number)") { server.answers(within: interval / 2) }
        }
        if let worker {
            let seen = Monitor(0)
            composition.append(
                Watchdog.Component(name: "dispatcher") {
                    let turns = worker.cycles
                    return seen.withLock { seen in
                        defer { seen = turns }
                        return turns != seen
                    }
                })
        }
        return Watchdog(
            composition, interval: interval, reportAlive: { manager.reportAlive() },
            stuck: { names in
                let list = names.joined(separator: ", ")
                manager.status("Stuck: no answer from \(list).")
                logger.log(.error, "service.stuck", ["parts": list])
            })
    }

    private func serve(
        _ configuration: HTTPServer.ServerSettings, errorPage: @escaping ErrorResponder,
        answer: @escaping @Sendable (Request) -> Response
    ) throws -> UInt16 {
        let logger = logger
        let server = try Server(
            configuration: configuration, errorPage: errorPage,
            onIncident: { logger.log(.warning, "http.refused", ["reason": "\($0)"]) }, handler: answer)
        servers.append(server)
        return server.port
    }
}
