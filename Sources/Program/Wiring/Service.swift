import Cryptography
import Domain
import HTTPServer
import Operations
import Pages
import Portal
import SMTP
import Store
import Worker

/// The running program: what the configuration asks for, joined together.
final class Service {
    /// The parts of the program; `serve` is all of them.
    enum Role: CaseIterable {
        case portal, worker, operations
    }

    private let journal: any Journal
    private let database: Database
    private var servers: [Server] = []
    private var worker: Worker?
    private var watcher: ChangeWatcher?
    private let stopSending = StopSignal()

    /// Where the portal and the operations pages listen; nil when they do not run here.
    private(set) var portalPort: UInt16?
    private(set) var operationsPort: UInt16?

    /// Starts everything.
    /// - Parameters:
    ///   - links: to pages that `extend` adds, for the head of the operations pages.
    ///   - extend: adds pages to the operations listener.
    init(
        _ configuration: Configuration, roles: Set<Role>, clock: any Clock, random: any RandomSource,
        journal: any Journal, links: [Navigation.Link] = [], extend: (inout Router, Pages) -> Void = { _, _ in }
    ) throws {
        self.journal = journal
        let parts = try Parts(configuration)
        database = try Database(path: configuration.databasePath, clock: clock)
        if let version = Database.exposedSQLiteVersion {
            journal.note(
                .info, "sqlite.exposed",
                [
                    "version": "\(version)",
                    "reason":
                        "this SQLite can corrupt a database whose log is reset during another's write; Pulih's own "
                        + "processes keep the two apart, other programs should only insert and never checkpoint",
                ])
        }
        if roles.contains(.worker) {
            try startWorker(configuration, parts, clock: clock, random: random)
        }
        if roles.contains(.portal) {
            var listener = HTTPServer.Configuration(listen: configuration.http.text)
            listener.trustedProxies = configuration.trustedProxies
            let portal = try parts.portal(
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
                HTTPServer.Configuration(listen: configuration.operations.text),
                errorPage: { operations.errorPage(status: $0, $1) },
                answer: { operations.answer($0, with: extended) })
        }
    }

    /// Ends in order: nothing new is accepted, requests and mails under way finish, what they brought is written.
    func stop() {
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
        let worker = Worker(
            Worker.Settings(
                name: ProcessName.current, lanes: configuration.worker.lanes, lease: configuration.worker.lease),
            storage: database, preparation: parts.preparation(random: random), templates: parts.templates.mails,
            clock: clock, random: random, journal: journal
        ) { RelayCourier(configuration, stop: stop) }
        self.worker = worker
        database.whenJobsArrive { worker.ring() }
        watcher = try ChangeWatcher(path: configuration.databasePath) { worker.ring() }
        worker.ring()
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
