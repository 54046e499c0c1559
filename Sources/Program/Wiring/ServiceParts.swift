import Configuration
import Cryptography
import Domain
import HTTPServer
import Operations
import Pages
import Store
import Threading
import Worker

/// What a reload exchanges: all that is made of one reading of configuration, keys and templates. Making it checks it.
struct ServiceParts {
    let configuration: Configuration
    /// Each is nil where its role does not run here, or the configuration asks for none.
    private(set) var portal: Site?
    private(set) var api: Site?
    private(set) var operations: Site?
    private(set) var worker: Worker.Equipment?

    /// What the parts of every reading share.
    struct Surroundings {
        let roles: Set<Service.Role>
        let store: any Store
        let clock: any Clock
        let random: any RandomSource
        let logger: any Logger
        /// Ends the mails under way.
        let stopSending: StopSignal
        let links: [Navigation.Link]
        let extend: (inout Router, Pages) -> Void
    }

    init(_ composition: Composition, _ surroundings: Surroundings) throws {
        let (store, clock, random, logger) = (
            surroundings.store, surroundings.clock, surroundings.random, surroundings.logger
        )
        let configuration = composition.configuration
        self.configuration = configuration
        if surroundings.roles.contains(.portal) {
            portal = Site(
                composition.portal(
                    store, clock: clock, random: random, logger: logger,
                    workers: ServerSettings(listen: configuration.http.text).workers),
                composition.openIDProvider(store, clock: clock, random: random, logger: logger))
            if configuration.api != nil {
                api = Site(composition.applicationAPI(store, clock: clock, random: random, logger: logger))
            }
        }
        if surroundings.roles.contains(.operations) {
            operations = Site(
                try composition.operations(store, clock: clock, logger: logger, links: surroundings.links),
                composition.templates.pages, extend: surroundings.extend)
        }
        if surroundings.roles.contains(.worker) {
            worker = Worker.Equipment(
                preparer: composition.preparer(random: random), templates: composition.templates.mails,
                relays: try configuration.relays.map {
                    try .init($0, configuration, stop: surroundings.stopSending)
                },
                receivers: try composition.receivers(stop: surroundings.stopSending))
        }
    }
}

extension Configuration {
    /// The keys that differ from those of `running` and that only a new process heeds.
    func keysForRestart(since running: Configuration) -> [String] {
        [
            ("database", database != running.database), ("http.listen", http != running.http),
            ("http.trustedProxies", trustedProxies != running.trustedProxies),
            ("api.listen", api != running.api), ("operations.listen", operations != running.operations),
            ("worker.lanes", worker.lanes != running.worker.lanes),
            ("worker.maxLanes", worker.maxLanes != running.worker.maxLanes),
            ("worker.lease", worker.lease != running.worker.lease),
            ("log.format", log.format != running.log.format), ("log.level", log.level != running.log.level),
        ].filter(\.1).map(\.0)
    }
}
