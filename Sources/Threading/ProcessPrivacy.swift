import CLinux
import Glibc

/// Keeps what this process has in memory to itself.
package enum ProcessPrivacy {
    /// From now on no core file is written, whatever the limits of who started us, and no other process of the same user
    /// may trace this one or read its memory (prctl(2), PR_SET_DUMPABLE). Root still may.
    package static func enter() {
        var none = rlimit(rlim_cur: 0, rlim_max: 0)
        setrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &none)
        _ = pulih_forbid_inspection()
    }
}
