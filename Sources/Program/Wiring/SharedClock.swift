import Domain
import Store
import Threading

extension Database {
    /// The clock of all that machines must agree on, which is the database's: leases and times of jobs, sessions, links,
    /// delays after wrong codes, and also what one machine signs and another checks, such as security codes and tokens of
    /// forms. Two things go by the machine's own: codes of authenticators, since phones go by the true time, and the log.
    var clock: OffsetClock { clock(over: SystemClock()) }

    func clock(over own: any Clock) -> OffsetClock { OffsetClock(own) { [self] in clockOffset } }
}

/// Tells the log when the clocks of machine and database begin to differ, when by how much they do changes, and when they
/// agree again.
final class ClockAlarm: Sendable {
    private let told = Monitor(TimeSpan.seconds(0))
    private let logger: any Logger

    init(_ logger: any Logger) { self.logger = logger }

    func heed(_ offset: TimeSpan) {
        let isNews = told.withLock { told in
            let change = TimeSpan.milliseconds(offset.milliseconds - told.milliseconds)
            guard offset.isClockOff != told.isClockOff || offset.isClockOff && change.isClockOff else { return false }
            told = offset
            return true
        }
        guard isNews else { return }
        if offset.isClockOff {
            logger.log(
                .warning, "clock.off",
                [
                    "seconds": "\(offset.seconds)",
                    "reason":
                        "the database server's clock is \(offset.clockStanding) this machine's; leases and lifetimes go by "
                        + "the server's: let both follow a time server",
                ])
        } else {
            logger.log(.info, "clock.agrees", ["seconds": "\(offset.seconds)"])
        }
    }
}
