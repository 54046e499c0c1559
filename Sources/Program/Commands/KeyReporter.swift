import CommandLine
import Configuration
import Domain
import Glibc

/// What a rotation of keys tells and waits for.
struct KeyReporter {
    let zone: LocalTimeZone

    func time(_ instant: Instant) -> String {
        LocalTimeFormatter(language: .english, zone: zone).timestamp(instant)
    }

    /// - Parameter when: such as "before then".
    func restarts(_ units: [String], _ when: String) {
        guard !units.isEmpty else { return }
        Console.line(
            "  Run \(when): systemctl restart \(units.joined(separator: " ")) (they hold the keys of their start)")
    }

    func waitUntilKnown(_ newest: KeyFile.Entry, from now: Instant) {
        let reloadDelay = TimeSpan.seconds(KeyRing.freshness.components.seconds + 2)
        // A key from the future was made before the clock was set back: when is not known, but not after now.
        let made = min(newest.from ?? now, now)
        usleep(UInt32(max(0, (made + reloadDelay - now).milliseconds)) * 1000)
    }
}
