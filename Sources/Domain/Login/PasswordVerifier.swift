/// Checks and makes password hashes, so many at a time as the machine can bear.
package protocol PasswordVerifier: Sendable {
    /// Whether the password is the one behind the hash. Without a hash it takes as long and answers false, so that the
    /// time tells nothing of whether an account exists.
    func verify(_ password: [UInt8], against hash: String?) throws(PasswordVerifierBusy) -> Bool

    /// A new hash in place of one that just verified, or nil when that one is as good as new ones are.
    func rehash(_ password: [UInt8], for hash: String) throws(PasswordVerifierBusy) -> String?
}

/// Too many others are waiting to have their password checked.
package struct PasswordVerifierBusy: Error, Sendable, Equatable {
    package init() {}
}
