import Configuration
import CommandLine
import Cryptography
import Domain
import Glibc
import Threading

/// `pulih serve|worker|portal`: runs until a signal ends it.
enum ServeCommand {
    static let serve = command(
        "serve", [.portal, .worker, .operations], "Run everything: portal, worker and operations pages")
    static let worker = command("worker", [.worker, .operations], "Run the worker and the operations pages")
    static let portal = command("portal", [.portal], "Run the pages people see")

    private static func command(_ name: String, _ roles: Set<Service.Role>, _ summary: String) -> Command {
        Command(name, summary: summary, options: [Commands.config]) { invocation in
            ProcessPrivacy.enter()
            Signals.prepare()
            let manager = ServiceManager()
            let configuration = try invocation.configuration()
            let clock = SystemClock()
            let logger = LineLogger(configuration.log, clock: clock)
            let service = try Service(
                configuration, roles: roles, clock: clock, random: SystemRandom(), logger: logger,
                manager: manager)
            logger.log(
                .info, "service.started",
                [
                    "version": Program.version, "roles": name, "portal": service.portalPort.map { "\($0)" } ?? "-",
                    "api": service.apiPort.map { "\($0)" } ?? "-",
                    "operations": service.operationsPort.map { "\($0)" } ?? "-", "process": "\(getpid())",
                ])
            let signal = Signals.wait { service.reload { try invocation.configuration() } }
            logger.log(.info, "service.stopping", ["signal": signal])
            service.stop()
            return 0
        }
    }
}
