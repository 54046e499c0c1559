package import Cryptography

/// The keys that sign one kind of thing, each from its moment until the next one's.
///
/// Whatever is signed tells when it was made, and the key of then judges it. So what was handed out before a rotation
/// lives out its life, a mail that is tried again carries the same link, and the old key vouches for nothing newer.
package struct SigningKeys: Sendable {
    package struct Entry: Sendable {
        package let from: Instant
        package let key: SecretKey

        package init(from: Instant, key: SecretKey) {
            self.from = from
            self.key = key
        }
    }

    private let entries: @Sendable () -> [Entry]

    /// - Parameter entries: at least one, oldest first; asked at every use, since keys are exchanged while we run.
    package init(_ entries: @escaping @Sendable () -> [Entry]) { self.entries = entries }

    /// One key for all times.
    package init(_ key: SecretKey) { self.init { [Entry(from: Instant(milliseconds: .min), key: key)] } }

    /// The key that signs what is made at `moment`.
    package func key(at moment: Instant) -> SecretKey {
        let all = entries()
        return (all.last { $0.from <= moment } ?? all[0]).key
    }
}
