import Configuration
import Cryptography
import Domain
import HTTPServer
import Operations
import Pages
import Portal
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
    private let surroundings: ServiceParts.Surroundings
    /// The configuration of the start, which the listeners, the database and the worker's threads keep to.
    private let configuration: Configuration
    private var portal: Listener?
    private var api: Listener?
    private var operations: Listener?
    private var worker: Worker?
    private var watcher: (any ChangeWatcher)?
    private let stopSending = StopSignal()
    private let manager: ServiceManager
    private var watchdog: Watchdog?

    /// Where the portal, the API of applications and the operations pages listen; nil when they do not run here.
    var portalPort: UInt16? { portal?.server.port }
    var apiPort: UInt16? { api?.server.port }
    var operationsPort: UInt16? { operations?.server.port }

    private var servers: [Server] { [portal, api, operations].compactMap { $0?.server } }

    /// A person who waits longer believes that nothing happens, and holds up those behind.
    private static let patience = Duration.seconds(5)

    /// Starts everything, and tells the service manager.
    /// - Parameters:
    ///   - clock: this machine's.
    ///   - links: to pages that `extend` adds, for the head of the operations pages.
    ///   - extend: adds pages to the operations listener.
    init(
        _ configuration: Configuration, roles: Set<Role>, clock: any Clock, random: any RandomSource,
        logger: any Logger, manager: ServiceManager, links: [Navigation.Link] = [],
        extend: @escaping (inout Router, Pages) -> Void = { _, _ in }
    ) throws {
        self.logger = logger
        self.manager = manager
        self.configuration = configuration
        let composition = try Composition(configuration, for: roles, logger: logger)
        database = try Database(configuration.database, clock: clock, patience: Self.patience)
        let alarm = ClockAlarm(logger)
        database.onClockMeasured { alarm.heed($0) }
        surroundings = ServiceParts.Surroundings(
            roles: roles, store: database, clock: database.clock(over: clock), random: random, logger: logger,
            stopSending: stopSending,
            links: links, extend: extend)
        try logRemarks()
        let parts = try ServiceParts(composition, surroundings)
        try database.keep(webhooksOf: configuration)
        if let site = parts.portal { portal = try listen(try proxied(configuration.http), site) }
        if let listener = configuration.api, let site = parts.api {
            var settings = try proxied(listener)
            // An application is one address, with a connection for each person who logs in just now.
            settings.maxConnectionsPerAddress = 1024
            // They wait for the disk and hash no passwords: the more of them, the more share a commit.
            settings.threads = max(settings.threads, 32)
            api = try listen(settings, site)
        }
        if let site = parts.operations { operations = try listen(try settings(configuration.operations), site) }
        // Last: who cannot listen takes no job and says nowhere that it works.
        if let equipment = parts.worker { try startWorker(equipment) }
        manager.ready(status)
        let (database, servers, worker) = (database, servers, worker)
        watchdog = manager.watchdog.map {
            Watchdog(database, servers, worker, every: $0, manager: manager, logger: logger)
        }
    }

    /// Reads configuration, keys and templates again and goes on with them, without dropping a connection or a mail; with
    /// any mistake in them it goes on as before. Tells the log and the service manager what came of it.
    func reload(_ read: () throws -> Configuration) {
        manager.reloading("Reading configuration, keys and templates again.")
        do {
            let new = try read()
            let composition = try Composition(new, for: surroundings.roles, logger: logger)
            let parts = try ServiceParts(composition, surroundings)
            try database.keep(webhooksOf: new)
            if let site = parts.portal { portal?.exchange(site) }
            if let site = parts.api { api?.exchange(site) }
            if let site = parts.operations { operations?.exchange(site) }
            if let equipment = parts.worker { worker?.exchange(equipment) }
            let left = new.keysForRestart(since: configuration)
            if !left.isEmpty {
                logger.log(
                    .warning, "reload.incomplete",
                    ["keys": left.joined(separator: ", "), "reason": "what these say needs a restart"])
            }
            logger.log(.info, "reload.done", [:])
            manager.ready(left.isEmpty ? status : "\(status) A restart is needed for \(left.joined(separator: ", ")).")
        } catch {
            let known = error as? any PresentableError
            let (reason, detail) = (known?.sentence ?? "unexpected", known?.detail ?? "\(error)")
            logger.log(.error, "reload.failed", ["reason": reason, "detail": detail])
            let first = detail.split(separator: "\n").first.map { " \($0.drop { $0 == " " })" } ?? ""
            manager.ready("\(status) Not reloaded: \(reason)\(first)")
        }
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

    /// What an operator should know that keeps nothing from working.
    private func logRemarks() throws {
        if case .file = configuration.database, let version = SQLiteEngine.exposedVersion {
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
        if surroundings.roles.contains(.portal), EspeakSynthesizer.installed() == nil {
            logger.log(
                .info, "captcha.silent",
                ["reason": "security codes are not read aloud to people who cannot see them: apt-get install espeak-ng"]
            )
        }
    }

    private func startWorker(_ equipment: Worker.Equipment) throws {
        let worker = Worker(
            Worker.Settings(
                name: ProcessName.current, lanes: configuration.worker.lanes, maxLanes: configuration.worker.maxLanes,
                lease: configuration.worker.lease),
            store: database, equipment: equipment, clock: surroundings.clock, random: surroundings.random,
            logger: logger)
        self.worker = worker
        database.onJobsReady { worker.wake() }
        watcher = try database.watchChanges { worker.wake() }
        worker.wake()
    }

    /// Of a listener that may stand behind a proxy.
    private func proxied(_ listener: Configuration.Listener) throws -> ServerSettings {
        var settings = try settings(listener)
        settings.trustedProxies = configuration.trustedProxies
        return settings
    }

    private func settings(_ listener: Configuration.Listener) throws -> ServerSettings {
        var settings = ServerSettings(listen: listener.text)
        settings.inherited = try listener.inheritedName.map { try manager.socket(named: $0) }
        return settings
    }

    private func listen(_ settings: ServerSettings, _ site: Site) throws -> Listener {
        let logger = logger
        return try Listener(settings, site) { logger.log(.warning, "http.refused", ["reason": "\($0)"]) }
    }

    /// What the service manager shows of us.
    private var status: String {
        var parts: [(Role, String)] = [
            (.portal, "the portal on \(configuration.http.text)"), (.worker, "the queue"),
            (.operations, "the operations pages on \(configuration.operations.text)"),
        ]
        if let listener = configuration.api { parts.insert((.portal, "applications on \(listener.text)"), at: 1) }
        return "Serving \(parts.filter { surroundings.roles.contains($0.0) }.map(\.1).joined(separator: ", "))."
    }
}
