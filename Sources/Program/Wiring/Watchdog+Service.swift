import Domain
import HTTPServer
import Store
import Threading
import Worker

extension Watchdog {
    /// Watches the parts of a service.
    /// - Parameter interval: after which the manager would act.
    convenience init(
        _ database: Database, _ servers: [Server], _ worker: Worker?, every interval: Duration, manager: ServiceManager,
        logger: any Logger
    ) {
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
        self.init(
            composition, interval: interval, reportAlive: { manager.reportAlive() },
            stuck: { names in
                let list = names.joined(separator: ", ")
                manager.status("Stuck: no answer from \(list).")
                logger.log(.error, "service.stuck", ["parts": list])
            })
    }
}
