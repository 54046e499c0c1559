import Glibc
import Threading

/// As many signatures at a time as there are cores. One by RSA takes half a millisecond: with a thread for each, the one that
/// is to write the next commit would get its share of a core among all of them, and then all would wait for it.
enum SigningTurn {
    private static let free = Monitor(max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))))

    /// Signs when it is one's turn.
    static func take<Signature>(_ sign: () -> Signature) -> Signature {
        let _: Void? = free.wait { free in
            guard free > 0 else { return nil }
            free -= 1
            return ()
        }
        defer { free.withLock(waking: 1) { $0 += 1 } }
        return sign()
    }
}
