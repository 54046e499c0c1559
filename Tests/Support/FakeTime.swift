package import Foundation

/// The environment in which a program believes in another time, by libfaketime.
///
/// Its command `faketime` is not used: it leaves a semaphore named after its process behind when that is killed, and the
/// next process with the number fails over it.
package enum FakeTime {
    /// That many days ago, from where the clock goes on.
    package static func daysAgo(_ days: Int) -> [String: String] { preloading("-\(days)d") }

    /// That many days to come.
    package static func daysAhead(_ days: Int) -> [String: String] { preloading("+\(days)d") }

    /// Stands still there, but for what is measured by the monotonic clock.
    package static func still(at moment: Date) -> [String: String] {
        let format = DateFormatter()
        format.locale = Locale(identifier: "en_US_POSIX")
        format.timeZone = TimeZone(identifier: "UTC")
        format.dateFormat = "yyyy-MM-dd HH:mm:ss"
        return preloading(format.string(from: moment))
    }

    /// Ahead by as many seconds as a file says, such as `+90`, whenever it does.
    package static func ahead(by file: String) -> [String: String] {
        // Its word goes before the file's.
        preloading("").filter { $0.key != "FAKETIME" }
            .merging(["FAKETIME_TIMESTAMP_FILE": file, "FAKETIME_NO_CACHE": "1"]) { $1 }
    }

    private static func preloading(_ time: String) -> [String: String] {
        // The loader puts the folder of the machine's architecture for $LIB. Waits go by the monotonic clock, of which the
        // library would take the difference away all the same.
        [
            "LD_PRELOAD": "/usr/$LIB/faketime/libfaketime.so.1", "FAKETIME": time, "TZ": "UTC",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1", "FAKETIME_FORCE_MONOTONIC_FIX": "0",
        ]
    }
}
